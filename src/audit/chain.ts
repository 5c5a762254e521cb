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
  return mark('event', number, sorted(event))
}

export function linkMark({ mark }: Marker, { t, first, at, previous, ids, digests }: Omit<AuditLink, 'hash'>): string {
  return mark('link', t, first, at.toISOString(), previous, ids.join(' '), digests.join(' '))
}

export function headMark({ mark }: Marker, { _id, start, end }: Pick<AuditHead, '_id' | 'start' | 'end'>): string {
  return mark('head', _id, start.number, start.previous, end.number, end.hash)
}

/** Whatever order its fields have by now. */
function sorted(value: unknown): string {
  if (typeof value !== 'object' || value === null || value instanceof Date) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(sorted).join(',')}]`
  const fields = value as Readonly<Record<string, unknown>>
  const names = Object.keys(fields).sort()
  return `{${names.map((name) => `${JSON.stringify(name)}:${sorted(fields[name])}`).join(',')}}`
}

/** What was removed before it was linked fits nothing: it is missing. */
function markOfOne(marker: Marker, number: number, event: AuditDocument | undefined): string {
  return event ? eventMark(marker, number, event) : ''
}

/** The next link of a tenant's chain, of these events, and the head after it. */
export function nextLink(
  marker: Marker,
  tenant: string,
  before: AuditHead | undefined,
  ids: readonly string[],
  events: ReadonlyMap<string, AuditDocument>,
): { readonly link: AuditLink; readonly head: AuditHead } {
  const first = (before?.end.number ?? 0) + 1
  const { key } = marker
  const bare = {
    _id: linkId(tenant, first),
    ...{ t: tenant, first, at: new Date(), key, previous: before?.end.hash ?? '' },
    ids,
    digests: ids.map((id, index) => markOfOne(marker, first + index, events.get(id))),
  }
  const link = { ...bare, hash: linkMark(marker, bare) }
  const end = { number: first + ids.length - 1, hash: link.hash }
  const places = { _id: tenant, start: before?.start ?? { number: 1, previous: '' }, end }
  return { link, head: { ...places, seal: headMark(marker, places), key } }
}

function linkId(tenant: string, first: number): string {
  return `${tenant}/${String(first).padStart(12, '0')}`
}
