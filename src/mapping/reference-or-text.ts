/**
 * `reference-or-text`: `[foreign key, name]` ↔ a Reference where the row it names became a resource, else its name
 * (entities §2 MedicationRequest.medication: a Medication that is found, else the text, else "unknown medicine").
 */
import type { Reference } from '@medplum/fhirtypes'
import type { BuildState } from './build-state.ts'
import type { Cells } from './cells.ts'
import { readText, storeText } from './codecs/text.ts'
import type { Field } from './field.ts'
import { keyOfReference, readReference } from './reference.ts'
import type { ReferenceRule } from './reference.ts'

export interface ReferenceOrText {
  readonly rule: ReferenceRule
  /** the foreign key and, unless the rule has one field only, the name */
  readonly fields: readonly [Field, Field?]
  /** its cell */
  readonly name?: number
  /** what stands where neither is known */
  readonly otherwise?: string
}

/** `[Reference, text]`, one of them undefined. */
export function readReferenceOrText(source: ReferenceOrText, cells: Cells, state: BuildState): readonly unknown[] {
  const reference = readReference(source.rule, cells, state) as Reference | undefined
  if (reference?.reference !== undefined) return [reference]
  return [undefined, (source.name !== undefined && readText(cells[source.name])) || source.otherwise]
}

/** A new key takes the name along that came with it: an old name beside it would contradict it. */
export function writeReferenceOrText(
  { rule, otherwise }: ReferenceOrText,
  [reference, text]: readonly unknown[],
  [key, name]: readonly unknown[],
): readonly [unknown, unknown] {
  if (reference === undefined) return [null, text === otherwise ? null : storeText(text, name)]
  const sent = reference as Reference
  const written = keyOfReference(rule, sent, key)
  return written === key ? [key, name] : [written, sent.display ?? null]
}
