/**
 * What the authorization server knows of people and apps, for the operations that manage them: its rules are there, once.
 * Whatever it refuses is a GatewayError.
 */
import type { ClientDecision, ClientDocument } from '../../store/clients.ts'

export interface Invited {
  readonly tenant: string
  readonly email: string
  readonly name?: string
  readonly roles: readonly string[]
  /** `Practitioner/hms-1` */
  readonly person?: string
}

export interface Desk {
  /** The roles a tenant begins with are there. */
  haveRoles(tenant: string): Promise<void>
  /** Gives the path of the link, and when it is over. */
  invite(wish: Invited): Promise<{ readonly path: string; readonly expires: Date }>
  /** What follows for an app of other scopes or redirect URIs. */
  appChange(
    client: ClientDocument,
    wish: { readonly scope?: string; readonly redirectUris?: readonly string[] },
  ): Pick<ClientDecision, 'scope' | 'grants' | 'redirectUris'>
}
