/** ETag and Last-Modified of a version, and the conditions a client may put on them (R4 http.html#cread). */
import type { Stored } from '../store/raw.ts'
import { FHIR_JSON } from '../http/outcome.ts'

export function versionHeaders({ v, u }: Pick<Stored, 'v' | 'u'>): Record<string, string> {
  return { 'Content-Type': FHIR_JSON, ETag: etag(v), 'Last-Modified': u.toUTCString() }
}

export function etag(version: number): string {
  return `W/"${version}"`
}

/** Has the client this very version? If-None-Match decides alone when it is there (RFC 9110 §13.2.2). */
export function isNotModified(
  stored: Stored,
  noneMatch: string | undefined,
  modifiedSince: string | undefined,
): boolean {
  if (noneMatch !== undefined) {
    return noneMatch.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === `"${stored.v}"`)
  }
  if (modifiedSince === undefined) return false
  const since = Date.parse(modifiedSince)
  return !Number.isNaN(since) && Math.floor(stored.u.getTime() / 1000) * 1000 <= since
}
