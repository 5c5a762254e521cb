/**
 * `first-filled`: the first filled of several columns that all belong to the element (a person's own phone, else that
 * of the account) ↔ one element, through the codec named by `of` (text when none is).
 *
 * On write the column that was read takes the new value; an element that is gone empties all of them, or the next one
 * would stand in its place. Where a later column is shared with other resources, use `own-or-shared`.
 */
import type { Codec, CodecContext, CodecDefinition } from '../codec.ts'
import { NotStorableError } from '../errors.ts'
import { text } from './text.ts'

function readOne(of: Codec, stored: unknown, context: CodecContext): unknown {
  return stored === null || stored === undefined ? undefined : of.read(stored, context)
}

function read(of: Codec, columns: readonly unknown[], context: CodecContext): unknown {
  for (const stored of columns) {
    const value = readOne(of, stored, context)
    if (value !== undefined) return value
  }
  return undefined
}

function write(of: Codec, fhir: unknown, before: readonly unknown[], context: CodecContext): unknown[] {
  if (fhir === undefined) return before.map(() => null)
  if (!of.write) throw new NotStorableError('is made by the gateway and cannot be written')
  const filled = before.findIndex((stored) => readOne(of, stored, context) !== undefined)
  const at = Math.max(filled, 0)
  const written = of.write(fhir, before[at] ?? null, context)
  return before.map((stored, index) => (index === at ? written : stored))
}

export const firstFilled: CodecDefinition = {
  name: 'first-filled',
  types: [],
  fields: 'any',
  make(options) {
    const of = options.of ?? text.make(options)
    return {
      read: (stored, context) => read(of, stored as readonly unknown[], context),
      write: (fhir, before, context) => write(of, fhir, before as readonly unknown[], context),
    }
  },
}
