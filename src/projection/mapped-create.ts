/** A FHIR create that becomes source rows: a new row with its parts, or one more element of a row that is there. */
import type { Resource } from '@medplum/fhirtypes'
import { NotStorableError } from '../mapping/errors.ts'
import type { Lens, Rows } from '../mapping/lens.ts'
import type { RowRef } from '../store/row-id.ts'
import { readRowsAmong } from '../store/row-reads.ts'
import { formsOf } from '../store/source-rows.ts'
import type { BatchRow } from './batch.ts'
import { batchRow, hasChanged, readBatch } from './batch.ts'
import { blankRows, storedBlanks } from './blank-rows.ts'
import type { Settle } from './mapped-update.ts'
import { projectWrite, settling } from './mapped-update.ts'
import type { CreatePlace } from './create-place.ts'
import { joinRows } from './joins.ts'
import { putElement } from './new-element.ts'
import { partOf, putFirst } from './new-part.ts'
import { partId } from './parts.ts'
import type { CollectionPlan } from './plan.ts'
import type { Projection } from './project.ts'
import { applyRowWrites, changedRows } from './row-writes.ts'
import { BehindError, ownRows } from './write-scope.ts'
import type { WriteScope } from './write-scope.ts'
import { assignTenants } from './tenants.ts'

export interface Created {
  /** `_id` in `resources` */
  readonly id: string
  readonly projection: Projection
}

export async function createMapped(scope: WriteScope, place: CreatePlace, sent: Resource): Promise<Created> {
  const { lens } = place
  return lens.each && lens.ownerKey(sent) !== undefined
    ? appendElement(scope, place, sent)
    : makeRows(scope, place, sent)
}

async function makeRows(scope: WriteScope, { lens, plan, tenant }: CreatePlace, sent: Resource): Promise<Created> {
  const { source } = plan
  const blanks = await blankRows(scope, source, { tenant }, lens)
  const ref: RowRef = { instance: plan.instance, collection: plan.collection, _id: blanks._ids.get(lens.alias) }
  const row = { ...batchRow('', ref, plan, undefined, blanks.rows[lens.alias]), tenant }
  const joined = await joinOne(scope, row, lens)
  const start: Rows = { ...joined, ...blanks.rows }
  const { part: put, after: rows } = lens.each
    ? await putElement(scope, row, lens, start, sent)
    : await putFirst(scope, row, lens, start, sent)
  const writes = await storedBlanks(scope, source, lens, blanks, rows)
  const stored: Rows = { ...rows, ...Object.fromEntries(writes.map(({ alias, after }) => [alias, after])) }
  const part = partOf(lens, scope, stored, ({ slot }) => slot === put.slot)
  await applyRowWrites(scope, source, lens, writes)
  const refs = writes.map((write) => write.ref)
  return projectCreated(scope, partId(row, part), refs, undefined, lens, settleNew(lens, sent))
}

/** The row that owns the array is named by a reference of the resource. */
async function appendElement(scope: WriteScope, { lens, plan, tenant }: CreatePlace, sent: Resource): Promise<Created> {
  const row = await ownerOf(scope, plan, lens, sent)
  if (row.tenant?.slug !== tenant?.slug) throw nowhere()
  const rows = await joinOne(scope, row, lens)
  const { part, after } = await putElement(scope, row, lens, rows, sent)
  lens.writes.assertEditable(rows)
  const writes = changedRows(ownRows(row, { ...part, rows }), after)
  await applyRowWrites(scope, plan.source, lens, writes)
  return projectCreated(
    scope,
    partId(row, part),
    [row.ref, ...writes.map(({ ref }) => ref)],
    rows,
    lens,
    settleNew(lens, sent),
  )
}

async function ownerOf(scope: WriteScope, plan: CollectionPlan, lens: Lens, sent: Resource): Promise<BatchRow> {
  const key = lens.ownerKey(sent)
  const [column = ''] = plan.key
  const found = key === undefined ? [] : await readRowsAmong(scope.store, plan, column, formsOf(key), scope.session)
  const [fields] = found
  if (!fields) throw nowhere()
  const ref = { instance: plan.instance, collection: plan.collection, _id: fields['_id'] }
  const [row] = (await readBatch(scope, [ref])) as [BatchRow]
  if (hasChanged(row)) throw new BehindError([ref])
  await assignTenants(scope, [row])
  return row
}

function nowhere(): NotStorableError {
  return new NotStorableError('the resource names no record here that it could belong to')
}

/** The rows of one mapping beside an owner's row. */
async function joinOne(scope: WriteScope, row: BatchRow, lens: Lens): Promise<Rows> {
  const plan = { ...(row.plan as CollectionPlan), lenses: [lens] }
  const [joined] = await joinRows(scope, [{ ...row, plan }])
  return joined?.rows ?? {}
}

function settleNew(lens: Lens, sent: Resource): Settle {
  return (part, given) => lens.settle(part.slot, lens.understand(part.slot, sent), undefined, given)
}

async function projectCreated(
  scope: WriteScope,
  id: string,
  refs: readonly RowRef[],
  before: Rows | undefined,
  lens: Lens,
  settle: Settle,
): Promise<Created> {
  const settled = settling(id, before, settle)
  const projection = await projectWrite(scope, refs, { settle: settled.settle })
  settled.assertDone(projection, lens.name)
  return { id, projection }
}
