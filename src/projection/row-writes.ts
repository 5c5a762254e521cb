/** Puts what a lens has written into the source rows: only rows that differ, touched, and unique where they must be. */
import { keyText } from '../mapping/identity.ts'
import type { Lens, Row, Rows } from '../mapping/lens.ts'
import { stamp } from '../mapping/stamp.ts'
import type { Mark } from '../mapping/write-rules.ts'
import { GatewayError } from '../kernel/errors.ts'
import { rowId } from '../store/row-id.ts'
import type { RowRef } from '../store/row-id.ts'
import { formsOf } from '../store/source-rows.ts'
import type { PlannedRow, RowPlace } from '../store/source-writer.ts'
import { isTaken, newRow, updatedRow } from '../store/source-writer.ts'
import type { Source } from './plan.ts'
import { expressionOf } from './refusal.ts'
import type { WriteScope } from './write-scope.ts'

/** A row a write changes; `before` is undefined for one it makes. */
export interface RowWrite {
  readonly alias: string
  readonly ref: RowRef
  readonly before: Row | undefined
  readonly after: Row
}

export function placeOf({ database }: Source, { collection, _id }: RowRef): RowPlace {
  return { database, collection, _id }
}

/** From now on this commit reads the row as it will be. */
export function plan({ writes, session }: WriteScope, planned: PlannedRow | undefined): void {
  if (!planned) return
  writes.rows.push(planned.write)
  session.put(planned.write.place, planned.row)
}

export async function applyRowWrites(
  scope: WriteScope,
  source: Source,
  lens: Lens,
  writes: readonly RowWrite[],
): Promise<void> {
  for (const write of writes) {
    await assertUnique(scope, source, lens, write)
    if (write.before) scope.changed.set(rowId(write.ref), write.ref)
    const place = placeOf(source, write.ref)
    const row = touched(scope, source, lens, write)
    if (write.before) plan(scope, updatedRow(place, write.before, row))
    else {
      await assertKeyFree(scope, source, lens, write)
      plan(scope, newRow(place, row))
    }
  }
}

function touched({ now }: WriteScope, source: Source, { writes }: Lens, { alias, before, after }: RowWrite): Row {
  if (!before) return after
  const columns = writes.touched.filter((field) => field.alias === alias).map(({ column }) => column)
  const row: Record<string, unknown> = { ...after }
  for (const column of columns) row[column] = stamp(now, before[column], source.system, source.timeZone)
  return row
}

async function assertUnique(scope: WriteScope, source: Source, { type, writes }: Lens, write: RowWrite): Promise<void> {
  const { store, session } = scope
  for (const { alias, column } of writes.uniques) {
    if (alias !== write.alias) continue
    const value = write.after[column] ?? null
    if (value === null || value === write.before?.[column]) continue
    const text = keyText(value)
    const place = placeOf(source, write.ref)
    scope.writes.guards.push(`${source.database}/${place.collection}/${column}=${text.toLowerCase()}`)
    const forms = [...new Set([text, text.toLowerCase()])].flatMap((form) => formsOf(form))
    if (!(await isTaken(store, place, column, forms, session))) continue
    throw new GatewayError('GW_CONFLICT', 'Another record has this value already, and it may be there once only.', {
      expression: expressionOf(type, writes.pathOf({ alias, column })),
    })
  }
}

/** The key by which a part is joined may be that of a row which cannot be seen from here: another tenant's. */
async function assertKeyFree(scope: WriteScope, source: Source, { joins }: Lens, write: RowWrite): Promise<void> {
  const { column } = joins.find(({ alias }) => alias === write.alias) ?? {}
  const value = column === undefined ? null : (write.after[column] ?? null)
  if (column === undefined || value === null || source.system.keys.get(write.ref.collection)?.[0] !== column) return
  const place = placeOf(source, write.ref)
  if (!(await isTaken(scope.store, place, column, formsOf(keyText(value)), scope.session))) return
  throw new GatewayError('GW_CONFLICT', 'A record of the source that it would need has a key that is taken.')
}

/** With columns set as a mapping says; rows that it sets nothing of are the same objects. */
export function markedRows(
  { now }: Pick<WriteScope, 'now'>,
  { system, timeZone }: Source,
  own: readonly { readonly alias: string; readonly fields: Row }[],
  marks: readonly Mark[],
): Record<string, Row> {
  const rows: Record<string, Row> = Object.fromEntries(own.map(({ alias, fields }) => [alias, fields]))
  for (const { alias, column, value } of marks) {
    const fields = rows[alias]
    if (!fields) continue
    rows[alias] = { ...fields, [column]: value === 'now' ? stamp(now, fields[column], system, timeZone) : value }
  }
  return rows
}

/** Rows that were there and are other objects now. */
export function changedRows(
  own: readonly { readonly alias: string; readonly ref: RowRef; readonly fields: Row }[],
  after: Rows,
): RowWrite[] {
  return own.flatMap(({ alias, ref, fields }) => {
    const row = after[alias] as Row
    return row === fields ? [] : [{ alias, ref, before: fields, after: row }]
  })
}
