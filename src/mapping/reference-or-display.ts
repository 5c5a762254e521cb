/**
 * `reference-or-display`: `[foreign key, name]` ↔ one Reference: to the row the key names, else the name alone as display,
 * else `otherwise` (entities §1 medical_records: author is the doctor, else doctorName, else "unknown").
 */
import type { Reference } from '@medplum/fhirtypes'
import type { BuildState } from './build-state.ts'
import type { Cells } from './cells.ts'
import { readText, storeText } from './codecs/text.ts'
import type { Field } from './field.ts'
import { keyOfReference, readReference } from './reference.ts'
import type { ReferenceRule } from './reference.ts'

export interface ReferenceOrDisplay {
  /** its display is the name */
  readonly rule: ReferenceRule
  readonly fields: readonly [Field, Field]
  /** its cell */
  readonly name: number
  readonly otherwise?: string
}

export function readReferenceOrDisplay(source: ReferenceOrDisplay, cells: Cells, state: BuildState): unknown {
  const reference = readReference(source.rule, cells, state)
  if (reference !== undefined) return reference
  const display = readText(cells[source.name]) ?? source.otherwise
  return display === undefined ? undefined : { display }
}

/** Key and name together: an old name beside a new key would contradict it. */
export function writeReferenceOrDisplay(
  { rule, otherwise }: ReferenceOrDisplay,
  sent: Reference | undefined,
  [key, name]: readonly unknown[],
): readonly [unknown, unknown] {
  if (sent?.reference !== undefined || sent?.identifier !== undefined) {
    return [keyOfReference(rule, sent, key), storeText(sent.display, name)]
  }
  return [null, sent?.display === otherwise ? null : storeText(sent?.display, name)]
}
