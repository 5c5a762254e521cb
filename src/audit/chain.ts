/**
 * What holds the chain together: a mark of each event with its number, a mark of each link with all of its events and the
 * link before it, and a mark of where the chain begins and ends. By HMAC under a key of the tenant, where the gateway has
 * keys; without one they are plain hashes, which whoever can write to the database can make as well.
 */
import { hash } from 'node:crypto'
import type { Seals } from '../seal/seals.ts'
import type { AuditDocument, AuditHead, AuditLink } from '../store/audit-documents.ts'

export interface Marker {
  /** name of the key; '' is none */
  readonly key: string
  readonly mark: (...parts: readonly (string | number)[]) => string
}

/** `key`: by which it was made; the first of the gateway when not said. */
export function markerOf(seals: Seals, tenant: string, key = seals.kids[0] ?? ''): Marker {
  return {
    key,
    mark: (...parts) => {
      const text = parts.join('\n')
      return key === '' ? hash('sha256', text, 'base64url') : seals.mark(tenant, text, key)
    },
  }
}

export function eventMark({ mark }: Marker, number: number, event: AuditDocument): string {
  return mark('event', number, textOf(event))
}

export function linkMark({ mark }: Marker, { t, first, at, previous, ids, digests }: Omit<AuditLink, 'hash'>): string {
  return mark('link', t, first, at.toISOString(), previous, ids.join(' '), digests.join(' '))
}

export function headMark({ mark }: Marker, { _id, start, end }: Pick<AuditHead, '_id' | 'start' | 'end'>): string {
  return mark('head', _id, start.number, start.previous, end.number, end.hash)
}

/** Whatever order its fields have by now; without the one that linking removes. */
function textOf({ open: _open, ...event }: AuditDocument): string {
  return JSON.stringify(event, (_name, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  )
}

/** The next link of a tenant's chain, of these events, and the head after it. */
export function nextLink(
  marker: Marker,
  tenant: string,
  before: AuditHead | undefined,
  events: readonly AuditDocument[],
): { readonly link: AuditLink; readonly head: AuditHead } {
  const first = (before?.end.number ?? 0) + 1
  const { key } = marker
  const bare = {
    _id: linkId(tenant, first),
    ...{ t: tenant, first, at: new Date(), key, previous: before?.end.hash ?? '' },
    ids: events.map(({ _id }) => _id.slice(tenant.length + 1)),
    digests: events.map((event, index) => eventMark(marker, first + index, event)),
  }
  const link = { ...bare, hash: linkMark(marker, bare) }
  const end = { number: first + events.length - 1, hash: link.hash }
  const places = { _id: tenant, start: before?.start ?? { number: 1, previous: '' }, end }
  return { link, head: { ...places, seal: headMark(marker, places), key } }
}

function linkId(tenant: string, first: number): string {
  return `${tenant}/${String(first).padStart(12, '0')}`
}
