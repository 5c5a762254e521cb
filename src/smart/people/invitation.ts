/**
 * Invitations: a link, good once and for seven days, with which somebody the clinic knows becomes an account bound to their
 * own record. They choose a password, or link the clinic's own login; what their old system stores as a password is
 * never read.
 */
import { hash, randomBytes } from 'node:crypto'
import { StartError } from '../../kernel/errors.ts'
import type { AccountDocument, Identity } from '../../store/accounts.ts'
import { bringToAccount, findAccountByEmail, findAccountByIdentity, insertAccount } from '../../store/accounts.ts'
import type { Store } from '../../store/collections.ts'
import type { InvitationDocument } from '../../store/invitations.ts'
import { findInvitation, insertInvitation, takeInvitation } from '../../store/invitations.ts'
import { rolesOf, setRoles } from '../../store/roles.ts'
import type { NewAccount } from './new-account.ts'
import { assertRoles, newAccount } from './new-account.ts'
import { hashPassword, passwordFault } from './password.ts'

export const INVITATION_DAYS = 7
const BYTES = 32
export const INVITATION_PATH = '/oauth/invitation'

/** Gives the path of the link. An account that is there already is changed by it, not doubled. */
export async function invite(store: Store, wish: Omit<NewAccount, 'password'>): Promise<string> {
  const { tenant, roles, person, name } = wish
  await assertRoles(store, tenant, roles)
  const { email } = await newAccount(wish)
  if (roles.includes('patient') && person === undefined) {
    throw new StartError('A patient sees their own record only: name it, as Patient/… (--fhir-user of the command).')
  }
  const token = randomBytes(BYTES).toString('base64url')
  const created = new Date()
  const expires = new Date(created.getTime() + INVITATION_DAYS * 24 * 3600 * 1000)
  const invited = { ...{ t: tenant, email, roles }, ...(person !== undefined && { person }), ...(name && { name }) }
  await insertInvitation(store, { _id: hashOf(token), ...invited, created, expires })
  return `${INVITATION_PATH}/${token}`
}

/** Undefined: there is none, it is over, or it was used. */
export function invitationOf(store: Store, token: string): Promise<InvitationDocument | undefined> {
  return findInvitation(store, hashOf(token))
}

export type Accepted =
  | { readonly kind: 'accepted'; readonly account: AccountDocument }
  /** nothing happened; the invitation is still good */
  | { readonly kind: 'refused'; readonly reason: string }
  /** the clinic's login is linked with another account */
  | { readonly kind: 'taken' }
  | { readonly kind: 'over' }

export async function acceptWithPassword(store: Store, token: string, password: string): Promise<Accepted> {
  const invitation = await invitationOf(store, token)
  if (!invitation) return { kind: 'over' }
  const reason = passwordFault(password, invitation.email)
  if (reason !== undefined) return { kind: 'refused', reason }
  return accept(store, token, { password: await hashPassword(password) })
}

export async function acceptWithLogin(store: Store, token: string, identity: Identity): Promise<Accepted> {
  const invitation = await invitationOf(store, token)
  if (!invitation) return { kind: 'over' }
  const holder = await findAccountByIdentity(store, invitation.t, identity)
  const own = await findAccountByEmail(store, invitation.t, invitation.email)
  if (holder && holder._id !== own?._id) return { kind: 'taken' }
  return accept(store, token, { identity })
}

interface Brought {
  readonly password?: string
  readonly identity?: Identity
}

/** Of those who come with one link at one moment, one is let through. */
async function accept(store: Store, token: string, brought: Brought): Promise<Accepted> {
  const invitation = await takeInvitation(store, hashOf(token))
  if (!invitation) return { kind: 'over' }
  const { t: tenant, email, name, person, roles } = invitation
  const named = name === undefined ? {} : { name }
  await insertAccount(store, await newAccount({ tenant, email, ...named }))
  const account = await findAccountByEmail(store, tenant, email)
  if (!account) throw new Error('the account of an invitation was not stored')
  if (!(await bringToAccount(store, account._id, { ...brought, ...(person !== undefined && { person }) }))) {
    await insertInvitation(store, invitation)
    return { kind: 'taken' }
  }
  await setRoles(store, { account: account._id, tenant }, [...(await rolesOf(store, account._id)), ...roles])
  return { kind: 'accepted', account }
}

function hashOf(token: string): string {
  return hash('sha256', token, 'base64url')
}
