/**
 * What is kept long enough is removed from the beginning of a tenant's chain, link by link: the head keeps the hash that
 * the rest begins with, so what is left is as whole as before.
 */
import type { AuditHead, AuditLink } from '../store/audit-documents.ts'
import { firstLink, readHead, removeLink } from '../store/audit-chain.ts'
import type { Store } from '../store/collections.ts'
import { headMark, markerOf } from './chain.ts'

/** Nothing younger is ever removed, whatever is configured (hms keeps its audit as long). */
const LEAST_YEARS = 7

export function keptSince(years: number, now = new Date()): Date {
  const since = new Date(now)
  since.setUTCFullYear(since.getUTCFullYear() - Math.max(years, LEAST_YEARS))
  return since
}

/** Links that were made before `since`; gives how many events went. */
export async function removeExpired(store: Store, tenant: string, since: Date): Promise<number> {
  const session = store.client.startSession()
  let count = 0
  try {
    for (;;) {
      const [before, link] = [await readHead(store, tenant), await firstLink(store, tenant)]
      if (!before || !link || link.at >= since) return count
      await removeLink(store, session, link, { before, head: withoutFirst(store, before, link) })
      count += link.ids.length
    }
  } finally {
    await session.endSession()
  }
}

function withoutFirst(store: Store, { _id, end }: AuditHead, { first, ids, hash }: AuditLink): AuditHead {
  const marker = markerOf(store.seals, _id)
  const places = { _id, start: { number: first + ids.length, previous: hash }, end }
  return { ...places, seal: headMark(marker, places), key: marker.key }
}
