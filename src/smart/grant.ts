/** What a person agreed to becomes a grant: of these scopes, for this launch, and for no other. */
import type { Provider } from 'oidc-provider'
import type { Store } from '../store/collections.ts'
import { insertGrant } from '../store/grants.ts'
import type { LaunchContext } from '../store/grants.ts'
import { LIFETIMES } from './lifetimes.ts'
import { recordConsent } from './on-record.ts'

export type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>

export interface Agreed {
  readonly tenant: string
  readonly account: string
  /** absolute URL of the FHIR base */
  readonly base: string
  readonly scopes: readonly string[]
  readonly launch: LaunchContext
}

/**
 * The grant's id, to be given to oidc-provider as the result of the interaction. What was narrowed to scopes of other
 * names is what was asked for from now on: oidc-provider only ever grants what was.
 */
export async function grantAccess(
  provider: Provider,
  store: Store,
  interaction: Interaction,
  { tenant, account, base, scopes, launch }: Agreed,
): Promise<string> {
  const client = interaction.params['client_id'] as string
  const scope = scopes.join(' ')
  interaction.params['scope'] = scope
  await interaction.save(LIFETIMES.Interaction)
  const grant = new provider.Grant({ accountId: account, clientId: client })
  grant.addOIDCScope(scope)
  grant.addResourceScope(base, scope)
  const _id = await grant.save()
  const now = new Date()
  const expires = new Date(now.getTime() + LIFETIMES.Grant * 1000)
  await recordConsent(store, { tenant, account, client, scope })
  await insertGrant(store, { _id, t: tenant, account, client, scope, launch, created: now, used: now, expires })
  return _id
}
