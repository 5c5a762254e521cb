/** `text`: trimmed text ↔ string; numbers become text and go back as numbers. */
import type { Codec, CodecDefinition } from '../codec.ts'
import { NotStorableError, UnreadableError } from '../errors.ts'
import { isBsonNumber, numeralOf, storeDecimal } from './numeral.ts'
import { rawJSON } from '../exact.ts'

/** The trimmed text of a stored value; undefined when nothing is left. */
export function readText(stored: unknown): string | undefined {
  if (typeof stored === 'string') return stored.trim() || undefined
  if (stored === null || stored === undefined) return undefined
  if (typeof stored === 'number' || typeof stored === 'boolean' || typeof stored === 'bigint') return String(stored)
  if (isBsonNumber(stored)) return stored.toString()
  throw new UnreadableError('the value is not text; map its members, or choose a codec for it')
}

/** FHIR text → what the column holds: what was there when it reads the same, a number where there was one. */
export function storeText(fhir: unknown, before: unknown): unknown {
  if (fhir === undefined) return null
  if (typeof fhir !== 'string') throw new NotStorableError('The value must be text.')
  const text = fhir.trim()
  if (text === '') return null
  if (typeof before === 'string') return before.trim() === text ? before : text
  if (typeof before !== 'number' && !isBsonNumber(before)) return text
  const numeral = numeralOf(text)
  return numeral === text ? storeDecimal(rawJSON(numeral), before) : text
}

/** Of every rule without another one. */
const plainText: Codec = { read: readText, write: storeText }

export const text: CodecDefinition = {
  name: 'text',
  types: ['string', 'markdown', 'code', 'id', 'uri', 'url', 'canonical', 'oid', 'uuid'],
  fields: 1,
  make: () => plainText,
}
