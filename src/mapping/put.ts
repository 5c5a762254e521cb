/**
 * The way back: what a resource says goes into the rows it came from, rule by rule in the order of the file: a later
 * rule (`end`, a cancellation reason) finds in the columns what an earlier one (`start`, the status) has written.
 *
 * A rule whose element reads as before touches nothing (GetPut, and `pending_verification` survives); one whose
 * element is gone empties its columns, but those of a row being made keep what they start with; columns no rule owns are
 * never touched.
 */
import type { Resource, Reference } from '@medplum/fhirtypes'
import { alike, means } from './alike.ts'
import { buildState } from './build-state.ts'
import type { BuildState } from './build-state.ts'
import type { Cells } from './cells.ts'
import { elementValue, isUnchanged, sameValue } from './element-value.ts'
import { NotStorableError, UnreadableError } from './errors.ts'
import type { Decided, Leaf } from './element-tree.ts'
import type { ElementPath } from './element-path.ts'
import { columnText } from './field.ts'
import type { Field } from './field.ts'
import type { LensContext, Part, Row, Rows } from './lens.ts'
import type { PutPlan } from './put-plan.ts'
import { keyOfReference } from './reference.ts'
import type { Rule } from './rule.ts'
import { writeReferenceOrDisplay } from './reference-or-display.ts'
import { writeReferenceOrText } from './reference-or-text.ts'
import type { ElementPlace } from './write-field.ts'
import { writeField } from './write-field.ts'
import { fieldsOf } from './write-rules.ts'

interface Change {
  readonly field: Field
  readonly value: unknown
}

export function putPart(
  plan: PutPlan,
  rules: readonly Rule[],
  part: Part,
  resource: Resource,
  context: LensContext,
): Rows {
  const state = buildState(plan.mapping, part, context)
  const place = plan.each && { alias: plan.each.alias, field: plan.each.field, index: part.index ?? 0 }
  const isMade = isNew(part)
  let { rows } = part
  for (const rule of rules) {
    if (rule.only !== undefined && (rule.only === 'read' || !isMade)) continue
    if (isMade && isUnsent(rule, resource)) continue
    if (isAsSent(rule, rows, resource, state)) continue
    for (const { field, value } of changesOf(rule, rows, resource, state)) {
      assertOwn(plan, rule, field)
      const stored = isNewNumber(plan, rows, field, value) ? Number(value) : value
      const changed = written(rule, rows, { field, value: stored }, place)
      // Two elements of one column (an end, a length): the one that was not sent takes nothing from the other
      if (value === null && robs(rule, field, rules, resource, { rows, changed }, state)) continue
      rows = changed
    }
  }
  return rows
}

/** Would emptying the column take what an earlier rule reads there, and was sent as it was? */
function robs(
  rule: Rule,
  { text }: Field,
  rules: readonly Rule[],
  resource: Resource,
  { rows, changed }: { readonly rows: Rows; readonly changed: Rows },
  state: BuildState,
): boolean {
  return rules
    .slice(0, rules.indexOf(rule))
    .filter(({ only, source }) => only === undefined && fieldsOf(source).some((field) => field.text === text))
    .filter(({ paths }) => paths.some((path) => elementValue(resource, path) !== undefined))
    .some((each) => readsAs(each, resource, rows, state) && !readsAs(each, resource, changed, state))
}

/** A codec keeps the kind a column holds; an empty one has none, so the number's text must not become text there. */
function isNewNumber({ numbers }: PutPlan, rows: Rows, field: Field, value: unknown): boolean {
  if (typeof value !== 'string' || !numbers.has(columnText(field))) return false
  return /^(0|[1-9]\d{0,14})$/.test(value) && (readField(rows, field) ?? null) === null
}

/** A part of rows that are not stored yet has no id. */
function isNew({ id }: Part): boolean {
  return id === ''
}

/** Would the earlier rule's elements still read as they were sent? */
function readsAs({ paths, leaves }: Rule, resource: Resource, rows: Rows, state: BuildState): boolean {
  return leaves.every((leaf, index) =>
    alike(elementValue(resource, paths[index] as ElementPath), currentValue(leaf, rows, state)),
  )
}

function assertOwn({ own, keys }: PutPlan, rule: Rule, field: Field): void {
  const path = rule.paths[0]?.text ?? ''
  if (keys.has(columnText(field))) throw new NotStorableError('says which row this is and cannot change', { path })
  if (!own.has(field.alias))
    throw new NotStorableError('belongs to another record and cannot be changed here', { path })
}

/** The part's own columns, emptied: what a DELETE of one Observation of a row does. */
export function emptyPart({ keys }: PutPlan, rules: readonly Rule[], { rows, slot }: Part): Rows {
  const own = rules.filter(({ only, of }) => only !== 'read' && only !== 'create' && of === slot)
  return own
    .flatMap(({ source }) => fieldsOf(source))
    .filter(({ alias, column }) => !keys.has(`${alias}.${column}`))
    .reduce((changed, field) => writeField(changed, field, null), rows)
}

function isUnsent({ paths }: Rule, resource: Resource): boolean {
  return paths.every((path) => elementValue(resource, path) === undefined)
}

/** Most rules find their elements as they were: this is most of what a put costs. */
function isAsSent({ paths, leaves }: Rule, rows: Rows, resource: Resource, state: BuildState): boolean {
  for (let i = 0; i < paths.length; i++) {
    const sent = elementValue(resource, paths[i] as ElementPath)
    if (!isUnchanged(sent, currentValue(leaves[i] as Leaf, rows, state))) return false
  }
  return true
}

function changesOf(rule: Rule, rows: Rows, resource: Resource, state: BuildState): Change[] {
  if (rule.applies?.(rows, state) === false) return []
  state.rule = rule.text
  const sent = rule.paths.map((path) => elementValue(resource, path))
  const nothing = rule.standIns.some((standIn) => sent.every((value, index) => sameValue(value, standIn[index])))
  const wanted = nothing ? sent.map(() => undefined) : sent
  try {
    return write(rule, wanted, rows, state)
  } catch (error) {
    throw named(rule, error)
  }
}

function written(rule: Rule, rows: Rows, { field, value }: Change, place: ElementPlace | undefined): Rows {
  try {
    return writeField(rows, field, value, place)
  } catch (error) {
    throw named(rule, error)
  }
}

/** A refusal says which element it is about. */
function named(rule: Rule, error: unknown): unknown {
  if (!(error instanceof NotStorableError)) return error
  const path = error.path || (rule.paths[0]?.text ?? '')
  return new NotStorableError(error.message, { path, allowed: error.allowed })
}

function isNothing({ needs, unless }: Decided = {}, cells: Cells): boolean {
  return (needs !== undefined && cells[needs] === null) || (unless !== undefined && cells[unless] !== null)
}

/** Is like no value: what is sent is written. */
const UNREADABLE = Symbol('unreadable')

/**
 * What the path reads as now, in the shape `elementValue` gives. Between two rules a row may be unreadable: its kind of
 * data was changed by the one, its value will be by the other.
 */
function currentValue(leaf: Leaf, rows: Rows, state: BuildState): unknown {
  if (state.rows === rows && isNothing(leaf.decided, state.cells)) return undefined
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
    if (first === undefined || means(source.value, first) || isEach(first, source.value)) return []
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
  if (source.kind === 'reference-or-display') {
    const before = source.fields.map((field) => readField(rows, field) ?? null)
    return changed(source.fields, before, writeReferenceOrDisplay(source, first as Reference | undefined, before))
  }
  // made by the gateway: there is nothing to store, and settle.ts refuses what is not made so
  if (source.kind !== 'codec') return []
  return writeColumns(source, rule.paths.length > 1 ? wanted : first, rows, state)
}

/** A constant of a `[]` path stands in every item. */
function isEach(sent: unknown, constant: unknown): boolean {
  return Array.isArray(sent) && sent.every((item) => means(constant, item))
}

function writeColumns(
  { codec, fields, reads }: Extract<Rule['source'], { kind: 'codec' }>,
  wanted: unknown,
  rows: Rows,
  state: BuildState,
): Change[] {
  if (!codec.write) return []
  const gone = Array.isArray(wanted) ? wanted.every((value) => value === undefined) : wanted === undefined
  const before = reads.map((read) => read(rows))
  const single = fields.length === 1
  const value = gone && single ? null : codec.write(gone ? undefined : wanted, single ? before[0] : before, state)
  const values = single ? [value] : (value as unknown[])
  return changed(fields, before, values)
}

/** The columns whose value is another one now. */
function changed(fields: readonly Field[], before: readonly unknown[], values: readonly unknown[]): Change[] {
  const changes: Change[] = []
  for (let i = 0; i < fields.length; i++) {
    if (!sameValue(values[i], before[i])) changes.push({ field: fields[i] as Field, value: values[i] ?? null })
  }
  return changes
}

function readField(rows: Rows, { alias, column }: Field): unknown {
  return (rows[alias] as Row | undefined)?.[column]
}
