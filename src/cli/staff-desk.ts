/** The rules of the authorization server as the staff API asks for them; what they refuse is said in their own words. */
import { GatewayError, StartError } from '../kernel/errors.ts'
import { makeBuiltInRoles } from '../smart/people/built-in-roles.ts'
import { ClientRefusal } from '../smart/clients/client-refusal.ts'
import { clientScopes } from '../smart/clients/client-scope.ts'
import { clientGrants } from '../smart/clients/new-client.ts'
import { assertRedirectUri } from '../smart/clients/redirect-uris.ts'
import { INVITATION_DAYS, invite } from '../smart/people/invitation.ts'
import type { Desk } from '../staff/api/desk.ts'
import type { Store } from '../store/collections.ts'

const DAY = 24 * 3600 * 1000

export function staffDesk(store: Store): Desk {
  return {
    haveRoles: (tenant) => makeBuiltInRoles(store, tenant),
    invite: (wish) =>
      inWords(async () => {
        const expires = new Date(Date.now() + INVITATION_DAYS * DAY)
        return { path: await invite(store, wish), expires }
      }),
    appChange(client, { scope = client.scope, redirectUris = client.redirectUris }) {
      try {
        for (const uri of redirectUris) assertRedirectUri(uri, client.native)
        const scopes = clientScopes(scope)
        const grants = clientGrants({ ...client, redirectUris }, scopes)
        return { scope: scopes.join(' '), redirectUris: [...new Set(redirectUris)], grants }
      } catch (error) {
        throw refusalOf(error)
      }
    },
  }
}

async function inWords<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw refusalOf(error)
  }
}

function refusalOf(error: unknown): unknown {
  if (!(error instanceof StartError || error instanceof ClientRefusal)) return error
  return new GatewayError('GW_UNPROCESSABLE', error.message, { cause: error })
}
