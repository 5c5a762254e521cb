/** Where the pages of apps come from: the origins of their redirect URIs. */
import type { KnowsOrigin } from '../../http/cors.ts'
import { redirectUrisOfApproved } from '../../store/clients.ts'
import type { Store } from '../../store/collections.ts'

/** A page of an app that was suspended may read for this long, if its token were still good. */
const REMEMBERED = 5_000

type Known = ReadonlyMap<string, ReadonlySet<string>>

export function originsOf(redirectUris: readonly string[]): string[] {
  return redirectUris.map((uri) => URL.parse(uri)?.origin ?? 'null').filter((origin) => origin !== 'null')
}

export function clientOrigins(store: Store): KnowsOrigin {
  let until = 0
  let known: Promise<Known> = Promise.resolve(new Map())
  return async (origin, client) => {
    if (until < Date.now()) {
      until = Date.now() + REMEMBERED
      known = readOrigins(store)
      known.catch(() => (until = 0))
    }
    const clients = (await known).get(origin)
    return clients !== undefined && (client === undefined || clients.has(client))
  }
}

async function readOrigins(store: Store): Promise<Known> {
  const known = new Map<string, Set<string>>()
  for (const { _id, redirectUris } of await redirectUrisOfApproved(store)) {
    for (const origin of originsOf(redirectUris)) known.set(origin, (known.get(origin) ?? new Set()).add(_id))
  }
  return known
}
