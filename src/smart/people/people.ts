/** What signing in works with, and what an account may do. */
import type { CredentialUser } from '../../access/credential.ts'
import type { AccountDocument } from '../../store/accounts.ts'
import type { Store } from '../../store/collections.ts'
import { permissionsOf } from '../../store/roles.ts'
import { sharedKey } from '../../store/shared-key.ts'
import type { Turns } from './turns.ts'
import { openTurns } from './turns.ts'

export interface People {
  readonly store: Store
  readonly turns: Turns
  /** signs the cookie of known devices */
  readonly deviceKey: Buffer
  /** nobody needs a second factor */
  readonly demo: boolean
  /** by which authenticator apps show the account */
  readonly service: string
}

export async function openPeople(
  store: Store,
  { demo, origin }: { readonly demo: boolean; readonly origin: string },
): Promise<People> {
  const deviceKey = await sharedKey(store, 'device-key')
  return { store, turns: openTurns(store), deviceKey, demo, service: `Isthmus ${new URL(origin).host}` }
}

export async function userOf(store: Store, account: AccountDocument): Promise<CredentialUser> {
  const { _id, person, representing } = account
  const permissions = await permissionsOf(store, _id)
  return { account: _id, ...(person !== undefined && { person }), representing, permissions }
}

/** Whoever manages accounts or apps can give themselves everything: a password alone is too little for that. */
const POWERFUL = ['accounts:manage', 'apps:manage', 'access:explain', 'records:erase']

export async function mustHaveSecondFactor({ store, demo }: People, account: string): Promise<boolean> {
  if (demo) return false
  const permissions = await permissionsOf(store, account)
  return POWERFUL.some((each) => permissions.includes(each))
}
