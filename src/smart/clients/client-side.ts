/** What clients are known, counted and answered by: the same for all routes that they use. */
import { clientAddressBy } from '../../http/client-address.ts'
import type { Store } from '../../store/collections.ts'
import { rateLimit } from '../../store/rate-limit.ts'
import type { RateLimitOptions } from '../../store/rate-limit.ts'
import { brake } from './brake.ts'
import type { Brake } from './brake.ts'
import { clientKeysFrom } from './client-keys.ts'
import type { FinishOptions } from '../finished-answer.ts'

export interface ClientSideOptions {
  readonly store: Store
  /** public origin: the issuer */
  readonly origin: string
  /** keys may be on this machine */
  readonly demo: boolean
  /** addresses whose X-Forwarded-For is believed */
  readonly trustedProxies: readonly string[]
}

/** Failures of clients that are counted, each in so many seconds. */
const SECRETS = { name: 'secret', times: 30, seconds: 300 }
const GUESSES = { name: 'introspection', times: 100, seconds: 60 }

export function clientSideOf({ store, origin: issuer, demo, trustedProxies }: ClientSideOptions): FinishOptions {
  const counted = (options: RateLimitOptions): Brake => brake(rateLimit(store, options))
  const addressOf = clientAddressBy(trustedProxies)
  return {
    clients: { store, issuer, keysOf: clientKeysFrom({ loopback: demo }), brake: counted(SECRETS), addressOf },
    introspection: { store, issuer, brake: counted(GUESSES) },
  }
}
