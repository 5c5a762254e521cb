/** A FHIR delete of a mapped resource, as its mapping says: a mark, a row or an element less, or emptied columns. */
import { GatewayError } from '../kernel/errors.ts'
import { isObject } from '../mapping/beside.ts'
import { elementsIn } from '../mapping/field.ts'
import type { Part, Row } from '../mapping/lens.ts'
import { exactElements } from '../mapping/write-field.ts'
import type { Deletion } from '../mapping/write-rules.ts'
import type { ResourceDocument } from '../store/documents.ts'
import { noRow, updatedRow, withoutItems } from '../store/source-writer.ts'
import type { BatchRow } from './batch.ts'
import { notWritable, projectWrite } from './mapped-update.ts'
import type { Source } from './plan.ts'
import type { Projection } from './project.ts'
import { applyRowWrites, changedRows, markedRows, placeOf, plan } from './row-writes.ts'
import type { OwnRow, View, WriteScope } from './write-scope.ts'
import { ownRows, viewOf } from './write-scope.ts'

export async function deleteMapped(scope: WriteScope, stored: ResourceDocument): Promise<Projection> {
  const view = await viewOf(scope, stored)
  if (!view) throw new GatewayError('GW_CONFLICT', 'The source rows of this resource are not as they were; read again.')
  const { row, part } = view
  const source = (row.plan as NonNullable<BatchRow['plan']>).source
  const own = ownRows(row, part)
  if (!part.lens.writes.deletion) throw notWritable(part.type)
  part.lens.writes.assertEditable(part.rows)
  await remove(scope, source, view, own)
  const refs = own.map(({ ref }) => ref)
  return projectWrite(scope, refs, { deleted: new Set([view.id]) })
}

async function remove(scope: WriteScope, source: Source, view: View, own: readonly OwnRow[]): Promise<void> {
  const { part, row } = view
  const deletion = part.lens.writes.deletion as Deletion
  if (deletion.kind === 'row') {
    plan(scope, noRow(placeOf(source, row.ref)))
    return
  }
  if (deletion.kind === 'element') return removeElement(scope, source, part, own)
  if (deletion.kind === 'empty') return emptyColumns(scope, source, view, own)
  assertAlone(scope, part)
  return markDeleted(scope, source, { part, own, deletion })
}

/** The last part takes the row with it. */
async function emptyColumns(
  scope: WriteScope,
  source: Source,
  { part, row }: View,
  own: readonly OwnRow[],
): Promise<void> {
  const { lens } = part
  const rows = lens.empty(part)
  const isLast = lens.parts(rows, { base: scope.plan.base }).length === 0
  if (isLast) {
    plan(scope, noRow(placeOf(source, row.ref)))
    return
  }
  return applyRowWrites(scope, source, lens, changedRows(own, rows))
}

interface Marked {
  readonly part: Part
  readonly own: readonly OwnRow[]
  readonly deletion: Extract<Deletion, { kind: 'set' }>
}

function markDeleted(scope: WriteScope, source: Source, { part, own, deletion }: Marked): Promise<void> {
  return applyRowWrites(scope, source, part.lens, changedRows(own, markedRows(scope, source, own, deletion.columns)))
}

/** A mark on the row would take its other elements along. */
function assertAlone({ plan }: WriteScope, { lens, rows }: Part): void {
  if (!lens.each || lens.parts(rows, plan).length === 1) return
  throw new GatewayError('GW_CONFLICT', 'The source keeps it in one record with others, which would be deleted too.')
}

/** The elements that stay keep their ids: one that is known by its place gets that as its number (`_n`). */
async function removeElement(scope: WriteScope, source: Source, part: Part, own: readonly OwnRow[]): Promise<void> {
  const { each } = part.lens
  if (!each) return
  const { alias, column } = each.field
  const owner = own.find((row) => row.alias === alias) as OwnRow
  const stored = owner.fields[column]
  const gone = sameElements(stored, part)
  const isGone = (_: unknown, index: number): boolean => gone.includes(index)
  const numbered = exactElements(stored).map((item, index) =>
    each.numbered && index > (part.index ?? 0) && isObject(item) && item['_n'] === undefined
      ? { ...item, _n: index }
      : item,
  )
  if (typeof stored === 'string') {
    const kept = JSON.stringify(numbered.filter((item, index) => !isGone(item, index)))
    const after = { ...owner.fields, [column]: kept }
    await applyRowWrites(scope, source, part.lens, [{ alias, ref: owner.ref, before: owner.fields, after }])
    return
  }
  const place = placeOf(source, owner.ref)
  const renumbered = updatedRow(place, owner.fields, { ...owner.fields, [column]: numbered })
  plan(scope, renumbered)
  const shortened = withoutItems(place, renumbered?.row ?? owner.fields, column, gone)
  plan(scope, shortened)
  // Nothing else of the row is another now, but it is touched
  const before = shortened.row as Row
  await applyRowWrites(scope, source, part.lens, [{ alias, ref: owner.ref, before, after: { ...before } }])
}

/** An element known by its text goes with its doubles, or it would still be there. */
function sameElements(stored: unknown, { lens, index = 0 }: Part): number[] {
  if (lens.each?.numbered) return [index]
  const items = elementsIn(stored)
  const text = (item: unknown): string => (typeof item === 'string' ? item.trim() : JSON.stringify(item))
  const wanted = text(items[index])
  return items.flatMap((item, at) => (text(item) === wanted ? [at] : []))
}
