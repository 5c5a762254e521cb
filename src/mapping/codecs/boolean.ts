/**
 * `boolean` and `not-boolean`: true/false, 1/0, "1"/"0", "true"/"false" ↔ boolean, written in the kind that was there.
 *
 * 0 and false are values, not absences (entities §3.3).
 */
import { normaliseWord } from '../code-table.ts'
import type { Codec, CodecDefinition } from '../codec.ts'
import { NotStorableError, UnreadableError } from '../errors.ts'

export function readBoolean(stored: unknown): boolean {
  if (typeof stored === 'boolean') return stored
  const word = normaliseWord(stored)
  if (word === '1') return true
  if (word === '0') return false
  throw new UnreadableError('the value is neither true nor false (nor 1 or 0); mend it in the source')
}

function inKindOf(before: unknown, value: boolean): unknown {
  if (typeof before === 'number') return value ? 1 : 0
  if (typeof before !== 'string') return value
  if (/^\s*[01]\s*$/.test(before)) return value ? '1' : '0'
  return String(value)
}

export function storeBoolean(value: boolean, before: unknown): unknown {
  try {
    if (before !== null && before !== undefined && readBoolean(before) === value) return before
  } catch {
    // what was there is no boolean: it gives way
  }
  return inKindOf(before, value)
}

function booleanCodec(negated: boolean): Codec {
  return {
    read: (stored) => readBoolean(stored) !== negated,
    write(fhir, before) {
      if (fhir === undefined) return null
      if (typeof fhir !== 'boolean') throw new NotStorableError('The value must be true or false.')
      return storeBoolean(fhir !== negated, before)
    },
  }
}

export const boolean: CodecDefinition = {
  name: 'boolean',
  types: ['boolean'],
  fields: 1,
  make: () => booleanCodec(false),
}

export const notBoolean: CodecDefinition = {
  name: 'not-boolean',
  types: ['boolean'],
  fields: 1,
  make: () => booleanCodec(true),
}
