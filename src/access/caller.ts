/** Who calls, as found by its token: what a request may do, and by what name it is remembered. */
import type { Credential } from './credential.ts'
import type { Permit } from './permit.ts'
import { everythingOf } from './permit.ts'

export interface Caller {
  readonly permit: Permit
  /** `client <id>`, `user <account id> by <client id>`: as versions and audit remember it */
  readonly by: string
  /** none when authorization is off */
  readonly credential?: Credential
  /** hash of the access token */
  readonly token?: string
  /** which the token was issued by; a service's is issued by none */
  readonly grant?: string
}

/** Everybody while authorization is off: everything of one tenant, and nobody is known by name. */
export function anybodyIn(tenant: string): Caller {
  return { permit: everythingOf(tenant), by: 'anonymous' }
}

/** Who shows no token: what is open to all, and nothing else. */
export function nobodyIn(tenant: string): Caller {
  return { permit: { tenant, rules: [] }, by: 'anonymous' }
}
