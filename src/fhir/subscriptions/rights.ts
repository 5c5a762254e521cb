/**
 * What is left of the rights a subscription was made with, looked up anew for each batch of events and each notification:
 * the client must still be approved and registered for the scopes, the person still be there with these roles and still
 * have granted them. Consents and labels are those of the moment. Nothing left: nothing is told any more.
 */
import type { Credential } from '../../access/credential.ts'
import { everythingOf, permitOf } from '../../access/permit.ts'
import type { Permit } from '../../access/permit.ts'
import { scopesWithin } from '../../access/scope.ts'
import { findActiveAccount } from '../../store/accounts.ts'
import { bearerByHash } from '../../store/authorization.ts'
import { findApprovedClient } from '../../store/clients.ts'
import type { Store } from '../../store/collections.ts'
import { isGranted } from '../../store/grants.ts'
import { currentPermit } from '../../store/restrictions.ts'
import { permissionsOf } from '../../store/roles.ts'
import type { SubscriptionCreator } from '../../store/subscription-documents.ts'

export interface RightsOptions {
  readonly store: Store
  /** requests carry tokens of the authorization server */
  readonly isAuthorized: boolean
}

/** A Permit, or why there is none any more, in one sentence. */
export type Rights = Permit | string

export async function rightsOf(
  { store, isAuthorized }: RightsOptions,
  tenant: string,
  creator: SubscriptionCreator,
): Promise<Rights> {
  const { credential, token } = creator
  if (!isAuthorized) return everythingOf(tenant)
  if (!credential) return 'It was made while authorization was off: make it again with a token.'
  const left = token === undefined ? await credentialNow(store, creator, credential) : await tokenNow(store, token)
  if (left === undefined)
    return 'The rights it was made with are gone: let the app be granted them anew, then ask for it again.'
  return currentPermit(store, permitOf({ ...credential, ...left }))
}

type Left = Partial<Pick<Credential, 'scope' | 'user'>>

/** Of the operator's own tokens, which nobody granted: as long as they are good. */
async function tokenNow(store: Store, token: string): Promise<Left | undefined> {
  return (await bearerByHash(store, token))?.isGood ? {} : undefined
}

async function credentialNow(
  store: Store,
  { grant }: SubscriptionCreator,
  { client: id, scope, user }: Credential,
): Promise<Left | undefined> {
  const client = await findApprovedClient(store, id)
  const left = client ? scopesWithin(scope, client.scope) : []
  if (left.length === 0) return undefined
  if (!user) return { scope: left.join(' ') }
  const account = await findActiveAccount(store, user.account)
  if (!account || grant === undefined || !(await isGranted(store, grant))) return undefined
  const { _id, person, representing } = account
  const permissions = await permissionsOf(store, _id)
  return {
    scope: left.join(' '),
    user: { account: _id, ...(person !== undefined && { person }), representing, permissions },
  }
}

/** How long the rights of who calls are good, to be kept with what they make. */
export async function creatorOf(
  store: Store,
  { by, credential, token }: { readonly by: string; readonly credential?: Credential; readonly token?: string },
): Promise<SubscriptionCreator> {
  if (!credential) return { by }
  const isKnown = (await findApprovedClient(store, credential.client)) !== undefined
  const { grant } = (token === undefined ? undefined : await bearerByHash(store, token)) ?? {}
  const isLasting = isKnown && (!credential.user || grant !== undefined)
  return {
    by,
    credential,
    ...(isLasting && grant !== undefined && { grant }),
    ...(!isLasting && token !== undefined && { token }),
  }
}
