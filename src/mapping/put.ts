/**
 * The way back: what a resource says goes into the rows it came from, rule by rule in the order of the file: a later
 * rule (`end`, a cancellation reason) finds in the columns what an earlier one (`start`, the status) has written.
 *
 * A rule whose element reads as before touches nothing (GetPut, and `pending_verification` survives); one whose
 * element is gone empties its columns; columns no rule owns are never touched.
 */
import type { Resource, Reference } from '@medplum/fhirtypes'
import { buildState } from './build-state.ts'
import type { BuildState } from './build-state.ts'
import { elementValue, sameValue } from './element-value.ts'
import { NotStorableError, UnreadableError } from './errors.ts'
import type { Leaf } from './element-tree.ts'
import type { Field } from './field.ts'
import type { LensContext, Part, Row, Rows } from './lens.ts'
import type { MappingData } from './mapping-file.ts'
import { keyOfReference } from './reference.ts'
import type { Rule } from './rule.ts'
import { writeReferenceOrText } from './reference-or-text.ts'
import { writeField } from './write-field.ts'

interface Change {
  readonly field: Field
  readonly value: unknown
}

export function putPart(
  mapping: string,
  rules: readonly Rule[],
  part: Part,
  resource: Resource,
  context: LensContext,
  data: MappingData,
): Rows {
  const state = buildState(mapping, part, context)
  const [each] = Object.entries(data.source.each ?? {})
  const writable = rules.filter(({ only }) => only !== 'read')
  return writable.reduce<Rows>(
    (rows, rule) =>
      changesOf(rule, rows, resource, state).reduce(
        (changed, { field, value }) => writeField(changed, field, value, each),
        rows,
      ),
    part.rows,
  )
}

function changesOf(rule: Rule, rows: Rows, resource: Resource, state: BuildState): Change[] {
  if (rule.applies && !rule.applies(rows)) return []
  state.rule = rule.text
  const sent = rule.paths.map((path) => elementValue(resource, path))
  const now = rule.leaves.map((leaf) => currentValue(leaf, rows, state))
  if (sent.every((value, index) => sameValue(value, now[index]))) return []
  const nothing = rule.standIns.some((standIn) => sent.every((value, index) => sameValue(value, standIn[index])))
  const wanted = nothing ? sent.map(() => undefined) : sent
  try {
    return write(rule, wanted, rows, state)
  } catch (error) {
    if (!(error instanceof NotStorableError)) throw error
    const path = error.path || (rule.paths[0]?.text ?? '')
    throw new NotStorableError(error.message, { path, allowed: error.allowed })
  }
}

/** Is like no value: what is sent is written. */
const UNREADABLE = Symbol('unreadable')

/**
 * What the path reads as now, in the shape `elementValue` gives. Between two rules a row may be unreadable: its kind of
 * data was changed by the one, its value will be by the other.
 */
function currentValue(leaf: Leaf, rows: Rows, state: BuildState): unknown {
  try {
    const value = leaf.read(rows, state)
    return Array.isArray(value) && value.length === 0 ? undefined : value
  } catch (error) {
    if (error instanceof UnreadableError) return UNREADABLE
    throw error
  }
}

function write(rule: Rule, wanted: readonly unknown[], rows: Rows, state: BuildState): Change[] {
  const { source } = rule
  const [first] = wanted
  if (source.kind === 'constant') {
    if (first === undefined || isEach(first, source.value)) return []
    throw new NotStorableError(`is always ${JSON.stringify(source.value)} here`)
  }
  if (source.kind === 'reference') {
    const before = readField(rows, source.field)
    const value = first === undefined ? null : keyOfReference(source.rule, first as Reference, before)
    return [{ field: source.field, value }]
  }
  if (source.kind === 'reference-or-text') {
    const fields = source.fields.filter((field) => field !== undefined)
    const before = fields.map((field) => readField(rows, field) ?? null)
    return changed(fields, before, writeReferenceOrText(source, wanted, before))
  }
  if (source.kind !== 'codec') throw new NotStorableError('is made by the gateway and cannot be written')
  return writeColumns(source, rule.paths.length > 1 ? wanted : first, rows, state)
}

/** A constant of a `[]` path stands in every item. */
function isEach(sent: unknown, constant: unknown): boolean {
  return Array.isArray(sent) && sent.every((item) => sameValue(item, constant))
}

function writeColumns(
  { codec, fields, reads }: Extract<Rule['source'], { kind: 'codec' }>,
  wanted: unknown,
  rows: Rows,
  state: BuildState,
): Change[] {
  if (!codec.write) throw new NotStorableError('is made by the gateway and cannot be written')
  const gone = Array.isArray(wanted) ? wanted.every((value) => value === undefined) : wanted === undefined
  const before = reads.map((read) => read(rows))
  const single = fields.length === 1
  const value = gone && single ? null : codec.write(gone ? undefined : wanted, single ? before[0] : before, state)
  const values = single ? [value] : (value as unknown[])
  return changed(fields, before, values)
}

/** The columns whose value is another one now. */
function changed(fields: readonly Field[], before: readonly unknown[], values: readonly unknown[]): Change[] {
  return fields.flatMap((field, index) =>
    sameValue(values[index], before[index]) ? [] : [{ field, value: values[index] ?? null }],
  )
}

function readField(rows: Rows, { alias, column }: Field): unknown {
  return (rows[alias] as Row | undefined)?.[column]
}
