/**
 * The keys that a client has now. Fetched ones are remembered as long as the client's server allows and no longer; a `kid`
 * that is not among them has them fetched once more, so that a client may change its keys without telling anybody.
 */
import type { ClientDocument } from '../../store/clients.ts'
import type { KeySet } from './client-jwks.ts'
import { fetchKeys } from './fetch-keys.ts'
import type { FetchedKeys } from './fetch-keys.ts'

export interface ClientKeysOptions {
  /** keys may be on this machine, without TLS: for developers */
  readonly loopback: boolean
  readonly fetch?: (address: string) => Promise<FetchedKeys>
  readonly now?: () => number
}

export type ClientKeys = (client: Pick<ClientDocument, 'jwks' | 'jwksUri'>, kid: string | undefined) => Promise<KeySet>

interface Known {
  readonly set: KeySet
  readonly until: number
  readonly fetched: number
}

/** So often at the most are keys fetched for a kid that is not there, and where they could not be fetched. */
const PAUSE = 5_000
/** Addresses that are remembered at once */
const MOST = 1_000
const NONE: KeySet = { keys: [] }

export function clientKeysFrom(options: ClientKeysOptions): ClientKeys {
  const { loopback, fetch = (address: string) => fetchKeys(address, { loopback }), now = Date.now } = options
  const known = new Map<string, Known>()
  const coming = new Map<string, Promise<Known>>()
  const ask = async (address: string): Promise<Known> => {
    const { set, seconds } = await fetch(address).catch(() => ({ set: NONE, seconds: 0 }))
    const at = now()
    const found = { set, until: at + seconds * 1000, fetched: at }
    if (known.size >= MOST) known.clear()
    known.set(address, found)
    return found
  }
  /** Whoever asks meanwhile waits for the same answer. */
  const askOnce = (address: string): Promise<Known> => {
    const asked = coming.get(address) ?? ask(address).finally(() => coming.delete(address))
    coming.set(address, asked)
    return asked
  }
  return async ({ jwks, jwksUri }, kid) => {
    if (jwksUri === undefined) return (jwks as KeySet | undefined) ?? NONE
    const found = known.get(jwksUri)
    if (found && !isToBeFetched(found, kid, now())) return found.set
    return (await askOnce(jwksUri)).set
  }
}

function isToBeFetched({ set, until, fetched }: Known, kid: string | undefined, now: number): boolean {
  const isRested = now - fetched >= PAUSE
  if (until <= now) return set.keys.length > 0 || isRested
  return isRested && !set.keys.some((key) => key.kid === kid)
}
