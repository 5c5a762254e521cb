/** Bundles put together of the bytes of resources as they are stored: nothing is parsed or serialised again. */
import { joinedBytes } from '../kernel/text-bytes.ts'
import type { TextPart } from '../kernel/text-bytes.ts'

export interface Link {
  readonly relation: 'self' | 'next' | 'previous' | 'first'
  readonly url: string
}

/** JSON text in parts. */
export type EntryText = readonly TextPart[]

export interface BundleText {
  readonly type: 'searchset' | 'history'
  readonly total: number | undefined
  readonly links: readonly Link[]
  readonly entries: readonly EntryText[]
}

export function bundleBytes({ type, total, links, entries }: BundleText): Buffer {
  return bytesOf({ resourceType: 'Bundle', type, ...(total !== undefined && { total }), link: links }, entries)
}

/** `head`: what a document has beside its entries. */
export function documentBytes(head: object, entries: readonly EntryText[]): Buffer {
  return bytesOf({ resourceType: 'Bundle', type: 'document', ...head }, entries)
}

function bytesOf(head: object, entries: readonly EntryText[]): Buffer {
  const start = JSON.stringify(head).slice(0, -1)
  if (entries.length === 0) return Buffer.from(`${start}}`)
  return joinedBytes([`${start},"entry":[`, ...withCommas(entries), ']}'])
}

/** Some of the entries of a Bundle that is written as it is read. */
export function entriesBytes(entries: readonly EntryText[]): Buffer {
  return joinedBytes(withCommas(entries))
}

function withCommas(entries: readonly EntryText[]): TextPart[] {
  return entries.flatMap((entry, index) => (index === 0 ? entry : [',', ...entry]))
}

/** Of a document: nobody searched for it. */
export function plainEntry(fullUrl: string, body: TextPart): EntryText {
  return [`{"fullUrl":${JSON.stringify(fullUrl)},"resource":`, body, '}']
}

export function matchEntry(fullUrl: string, body: TextPart): EntryText {
  return [`{"fullUrl":${JSON.stringify(fullUrl)},"resource":`, body, ',"search":{"mode":"match"}}']
}

export function includeEntry(fullUrl: string, body: TextPart): EntryText {
  return [`{"fullUrl":${JSON.stringify(fullUrl)},"resource":`, body, ',"search":{"mode":"include"}}']
}

export function outcomeEntry(outcome: string): EntryText {
  return [`{"resource":${outcome},"search":{"mode":"outcome"}}`]
}

/** R4 http.html#history: what was done, and what came of it; a deletion has no resource. */
export function historyEntry(
  fullUrl: string,
  body: string,
  request: { readonly method: string; readonly url: string },
  response: { readonly status: string; readonly etag: string; readonly lastModified: string },
): EntryText {
  const resource = body === '' ? '' : `"resource":${body},`
  return [
    `{"fullUrl":${JSON.stringify(fullUrl)},${resource}"request":${JSON.stringify(request)},"response":${JSON.stringify(response)}}`,
  ]
}
