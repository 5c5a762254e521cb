/** A sent resource as one more element of an array column, or of the JSON text of one. */
import type { Resource } from '@medplum/fhirtypes'
import { NotStorableError } from '../mapping/errors.ts'
import { elementsIn, fromJson } from '../mapping/field.ts'
import type { Lens, Part, Row, Rows } from '../mapping/lens.ts'
import { readStates } from '../store/projected.ts'
import type { BatchRow } from './batch.ts'
import { partOf, putFirst } from './new-part.ts'
import { partId } from './parts.ts'
import type { WriteScope } from './write-scope.ts'

interface Appended {
  readonly part: Part
  readonly after: Rows
}

/** One more element. Known by its place, it gets a number that no other has or had: what is deleted stays gone. */
export async function putElement(
  scope: WriteScope,
  row: BatchRow,
  lens: Lens,
  rows: Rows,
  sent: Resource,
): Promise<Appended> {
  const { field, numbered } = lens.each as NonNullable<Lens['each']>
  const elements = listIn((rows[field.alias] as Row)[field.column])
  const index = elements.length
  for (let number = numbered ? nextNumber(elements) : index; ; number++) {
    const start = number === index ? {} : { _n: number }
    const after = await withElement(scope, row, lens, { rows, index, start }, sent)
    const part = partOf(lens, scope, after, (each) => each.index === index)
    if (!numbered || !(await isKnown(scope, partId(row, part)))) return { part, after }
  }
}

interface Place {
  readonly rows: Rows
  readonly index: number
  readonly start: Row
}

async function withElement(
  scope: WriteScope,
  row: BatchRow,
  lens: Lens,
  { rows, index, start }: Place,
  sent: Resource,
): Promise<Rows> {
  const { alias, field } = lens.each as NonNullable<Lens['each']>
  const owner = rows[field.alias] as Row
  const column = appended(owner[field.column], start)
  const blank: Rows = { ...rows, [alias]: start, [field.alias]: { ...owner, [field.column]: column } }
  const { after: put } = await putFirst(scope, row, lens, blank, sent, index)
  const stored = inText(owner[field.column], put[field.alias], field.column)
  return { ...put, [field.alias]: { ...(put[field.alias] as Row), [field.column]: stored } }
}

/** Above the numbers of all elements; an element that has none of its own has that of its place. */
function nextNumber(elements: readonly unknown[]): number {
  return Math.max(-1, ...elements.map((element, index) => (element as { _n?: number } | null)?._n ?? index)) + 1
}

async function isKnown({ store, session }: WriteScope, _id: string): Promise<boolean> {
  return (await readStates(store, [_id], session)).size > 0
}

/** Words that stand where a list should be are not written over. */
function listIn(column: unknown): readonly unknown[] {
  const isEmpty = column === undefined || column === null || (typeof column === 'string' && column.trim() === '')
  if (isEmpty || Array.isArray(fromJson(column))) return elementsIn(column)
  throw new NotStorableError('the source holds no list that it could be added to')
}

/** One more element, as it starts, in the kind of column there is. */
function appended(column: unknown, start: Row): unknown {
  const elements = [...elementsIn(column), start]
  return typeof column === 'string' && column.trim() !== '' ? JSON.stringify(elements) : elements
}

/** What was in a JSON text stays as it was written. */
function inText(before: unknown, row: Rows[string], column: string): unknown {
  const after = (row as Row)[column]
  if (typeof before !== 'string' || typeof after !== 'string') return after
  const element = JSON.stringify(elementsIn(after).at(-1))
  const start = before.trimEnd().replace(/\]$/, '').trimEnd()
  return start === '[' ? `[${element}]` : `${start},${element}]`
}
