/** Which part of a file a client asks for (RFC 9110 §14). */
import parseRange from 'range-parser'

export interface Part {
  readonly start: number
  /** after the last byte */
  readonly end: number
}

/**
 * Undefined: all of it, where nothing, several parts or no bytes are asked for. `unsatisfiable`: the file ends before.
 *
 * `If-Range`: another version than the client has is sent whole. Its tag is weak, as FHIR's are; the bytes of a version never
 * change, so that it serves as a strong one here.
 */
export function partOf(
  size: number,
  range: string | undefined,
  ifRange: string | undefined,
  etag: string,
): Part | 'unsatisfiable' | undefined {
  if (range === undefined || (ifRange !== undefined && ifRange.trim() !== etag)) return undefined
  const parts = parseRange(size, range)
  if (parts === -1) return 'unsatisfiable'
  const [first] = parts === -2 || parts.type !== 'bytes' || parts.length > 1 ? [] : parts
  return first && { start: first.start, end: first.end + 1 }
}
