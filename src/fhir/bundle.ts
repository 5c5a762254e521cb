/** Bundles put together as text, from resources as they are stored: nothing is parsed or serialised again. */

export interface Link {
  readonly relation: 'self' | 'next' | 'previous' | 'first'
  readonly url: string
}

export interface BundleText {
  readonly type: 'searchset' | 'history'
  readonly total: number | undefined
  readonly links: readonly Link[]
  /** JSON texts of the entries */
  readonly entries: readonly string[]
}

export function bundleText({ type, total, links, entries }: BundleText): string {
  const head = { resourceType: 'Bundle', type, ...(total !== undefined && { total }), link: links }
  const start = JSON.stringify(head).slice(0, -1)
  return entries.length === 0 ? `${start}}` : `${start},"entry":[${entries.join(',')}]}`
}

export function matchEntry(fullUrl: string, body: string): string {
  return `{"fullUrl":${JSON.stringify(fullUrl)},"resource":${body},"search":{"mode":"match"}}`
}

export function includeEntry(fullUrl: string, body: string): string {
  return `{"fullUrl":${JSON.stringify(fullUrl)},"resource":${body},"search":{"mode":"include"}}`
}

export function outcomeEntry(outcome: string): string {
  return `{"resource":${outcome},"search":{"mode":"outcome"}}`
}

/** R4 http.html#history: what was done, and what came of it; a deletion has no resource. */
export function historyEntry(
  fullUrl: string,
  body: string,
  request: { readonly method: string; readonly url: string },
  response: { readonly status: string; readonly etag: string; readonly lastModified: string },
): string {
  const resource = body === '' ? '' : `"resource":${body},`
  return `{"fullUrl":${JSON.stringify(fullUrl)},${resource}"request":${JSON.stringify(request)},"response":${JSON.stringify(response)}}`
}
