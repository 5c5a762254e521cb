/**
 * `reference-or-text`: `[foreign key, name]` ↔ a Reference where the row it names became a resource, else its name
 * (entities §2 MedicationRequest.medication: a Medication that is found, else the text, else "unknown medicine").
 */
import type { Reference } from '@medplum/fhirtypes'
import type { BuildState } from './build-state.ts'
import { readText, storeText } from './codecs/text.ts'
import type { Accessor, Field } from './field.ts'
import type { Rows } from './lens.ts'
import { keyOfReference, readReference } from './reference.ts'
import type { ReferenceRule } from './reference.ts'

export interface ReferenceOrText {
  readonly rule: ReferenceRule
  /** the foreign key and, unless the rule has one field only, the name */
  readonly fields: readonly [Field, Field?]
  readonly name?: Accessor
  /** what stands where neither is known */
  readonly otherwise?: string
}

/** `[Reference, text]`, one of them undefined. */
export function readReferenceOrText(source: ReferenceOrText, rows: Rows, state: BuildState): readonly unknown[] {
  const reference = readReference(source.rule, rows, state) as Reference | undefined
  if (reference?.reference !== undefined) return [reference]
  return [undefined, readText(source.name?.(rows)) ?? source.otherwise]
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
