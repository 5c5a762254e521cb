/**
 * Source rows changed as rows, by the gateway's own APIs beside FHIR: held to the rules of their mapping (`require`,
 * `transitions`, and `editable` for whose record it is) and to the Permit, and projected in the same commit. So there is
 * one way to change a record, and FHIR shows it at once.
 */
import { GatewayError } from '../kernel/errors.ts'
import { NotNextError, NotStorableError } from '../mapping/errors.ts'
import { keyText } from '../mapping/identity.ts'
import type { Lens, Row, Rows } from '../mapping/lens.ts'
import type { ResourceDocument } from '../store/documents.ts'
import { readTenants } from '../store/projected.ts'
import { findAmong } from '../store/reads.ts'
import type { RowRef } from '../store/row-id.ts'
import { rowId } from '../store/row-id.ts'
import { readRowsAmong } from '../store/row-reads.ts'
import { newRowId } from '../store/source-writer.ts'
import { formsOf } from '../store/source-rows.ts'
import type { BatchRow } from './batch.ts'
import { hasChanged, readBatch } from './batch.ts'
import { startOf, tenantOf } from './blank-rows.ts'
import { projectWrite } from './mapped-update.ts'
import type { ChangeRows, RowChange, Written } from './operation.ts'
import { partId } from './parts.ts'
import type { CollectionPlan } from './plan.ts'
import type { Projection } from './project.ts'
import { partsOf } from './project.ts'
import { applyRowWrites } from './row-writes.ts'
import { assignTenants } from './tenants.ts'
import { stale } from './write-errors.ts'
import { assertMayChange, assertMayLeave } from './write-access.ts'
import { assertOrdered, BehindError } from './write-scope.ts'
import type { WriteScope } from './write-scope.ts'

/** A row that is changed. */
interface Changed {
  readonly change: RowChange
  readonly lens: Lens
  readonly ref: RowRef
  /** its rows under the mapping as they were; undefined: it is new */
  readonly before: Rows | undefined
  /** what it gave, by `_id` */
  readonly stored: ReadonlyMap<string, ResourceDocument>
}

export async function changeRows(scope: WriteScope, { changes }: ChangeRows): Promise<Written[]> {
  assertOrdered(scope)
  try {
    const changed: Changed[] = []
    for (const change of changes) changed.push(...(await changeRow(scope, change)))
    if (changed.length === 0) return []
    const refs = changed.map(({ ref }) => ref)
    const projection = await projectWrite(scope, refs, { rows: new Set(refs.map(rowId)) })
    scope.writes.changes.push(projection.changes)
    return changed.flatMap((each) => writtenBy(scope, projection, each))
  } catch (error) {
    throw error instanceof NotStorableError ? refusalOf(error) : error
  }
}

/** Nothing where the row stays as it is. */
async function changeRow(scope: WriteScope, change: RowChange): Promise<Changed[]> {
  const place = placeOf(scope, change)
  const { lens, plan } = place
  const row = await readRow(scope, place, change.key)
  const stored = row ? await storedOf(scope, row) : new Map<string, ResourceDocument>()
  if (row && !change.follows) assertMayEdit(scope, change, row, stored)
  if (row) assertVersion(change, row, stored)
  const fields = row?.row
  const wanted = change.edit(fields, scope.now)
  if (!wanted || wanted === fields) return []
  const before = row && rowsOf(row, lens)
  if (before && change.isOwners) lens.writes.assertEditable(before)
  const ref = row?.ref ?? newRef(scope, plan, change)
  const start = fields ?? { ...startOf(scope, plan.source, lens, lens.alias), ...(await ownTenant(scope, plan)) }
  const after = keyed({ ...start, ...wanted }, place, change)
  await applyRowWrites(scope, plan.source, lens, [{ alias: lens.alias, ref, before: fields, after }])
  return [{ change, lens, ref, before, stored }]
}

/** With what is joined, where the mapping can read it. */
function rowsOf({ parts, row }: BatchRow, lens: Lens): Rows {
  return parts.find((part) => part.lens === lens)?.rows ?? { [lens.alias]: row }
}

interface Place {
  readonly lens: Lens
  readonly plan: CollectionPlan
}

/** Of the source that belongs to the tenant as a whole, or of the one that is named. */
function placeOf({ plan, permit }: WriteScope, { mapping, instance }: RowChange): Place {
  for (const collection of plan.collections.values()) {
    const lens = collection.lenses.find(({ name }) => name === mapping)
    const isMeant =
      instance === undefined ? collection.source.tenant === permit.tenant : collection.instance === instance
    if (lens && isMeant) return { lens, plan: collection }
  }
  throw new GatewayError('GW_NOT_FOUND', `No source of this tenant has records of ${mapping}.`)
}

async function readRow(scope: WriteScope, { plan }: Place, key: readonly string[]): Promise<BatchRow | undefined> {
  const [column = ''] = plan.key
  const found = await readRowsAmong(scope.store, plan, column, formsOf(key[0] ?? ''), scope.session)
  const fields = found.find((row) => plan.key.every((each, index) => keyText(row[each]) === key[index]))
  if (!fields) return undefined
  const { instance, collection } = plan
  const [row] = (await readBatch(scope, [{ instance, collection, _id: fields['_id'] }])) as [BatchRow]
  // What its own program changed comes first
  if (hasChanged(row)) throw new BehindError([row.ref])
  await assignTenants(scope, [row])
  if (row.tenant?.slug !== scope.permit.tenant) return undefined
  await partsOf(scope, [row])
  return row
}

async function storedOf({ store, session }: WriteScope, { before }: BatchRow): Promise<Map<string, ResourceDocument>> {
  const ids = before?.resources ?? []
  const found = ids.length === 0 ? [] : await findAmong(session, store.resources, '_id', ids)
  return new Map(found.map((each) => [each._id, each]))
}

/** Before the row is looked at by anybody: whose it is not is told that there is none. */
function assertMayEdit(
  { permit }: WriteScope,
  { mapping }: RowChange,
  row: BatchRow,
  stored: ReadonlyMap<string, ResourceDocument>,
): void {
  const own = ownOf({ mapping }, row)
  for (const part of own) assertMayChange(permit, { method: 'PUT', type: part.type }, stored.get(partId(row, part)))
  if (own.length === 0 && permit.rules !== 'everything') {
    throw new GatewayError('GW_NOT_FOUND', 'There is no such record.')
  }
}

function assertVersion(change: RowChange, row: BatchRow, stored: ReadonlyMap<string, ResourceDocument>): void {
  const { version } = change
  if (version === undefined || ownOf(change, row).some((part) => stored.get(partId(row, part))?.v === version)) return
  throw stale()
}

/** What it gives by the mapping that is asked. */
function ownOf({ mapping }: Pick<RowChange, 'mapping'>, { parts }: BatchRow): BatchRow['parts'] {
  return parts.filter(({ lens }) => lens.name === mapping)
}

/** The column that says so of a new row, where its source has tenants. */
async function ownTenant({ store, permit, session }: WriteScope, { source, collection }: CollectionPlan): Promise<Row> {
  if (!source.system.tenant) return {}
  const [tenant] = await readTenants(store, { slugs: [permit.tenant] }, session)
  return tenant ? tenantOf({ tenant: { slug: permit.tenant, key: tenant.key } }, source, collection) : {}
}

function newRef(
  { writes }: WriteScope,
  { instance, database, collection }: CollectionPlan,
  { key }: RowChange,
): RowRef {
  // Of two that make it at once one is tried again, and finds it there
  writes.guards.push(`${database}/${collection}=${key.join(':')}`)
  return { instance, collection, _id: newRowId() }
}

/** The key is that of the row, whatever else is written. A column that is there keeps its type. */
function keyed(row: Row, { plan }: Place, { key }: RowChange): Row {
  const missing = plan.key.flatMap((column, index) =>
    keyText(row[column] ?? '') === key[index] ? [] : [[column, key[index]] as const],
  )
  return missing.length === 0 ? row : { ...row, ...Object.fromEntries(missing) }
}

/** What came of one row. Throws where its mapping or the Permit does not allow what it gives now. */
function writtenBy(scope: WriteScope, { batch, changes }: Projection, changed: Changed): Written[] {
  const { lens, ref, before } = changed
  const row = batch.find(({ id }) => id === rowId(ref))
  const part = row?.parts.find((each) => each.lens === lens)
  if (!row || !part || row.problem?.mapping === lens.name) {
    const { reason = 'the source could not give it back', rule = '' } = row?.problem ?? {}
    throw new NotStorableError(reason, { path: rule })
  }
  lens.writes.assertAllowed(before, part.rows)
  const own = ownResources(row)
  const documents = changes.resources.map(({ document }) => document).filter(({ _id }) => own.has(_id))
  return documents.map((document) => writtenOf(scope, changed, document))
}

/** What other rows give as well (the patient of an account) is nobody's to change here. */
function ownResources(row: BatchRow): Set<string> {
  const own = new Set([...(row.before?.resources ?? []), ...row.parts.map((part) => partId(row, part))])
  for (const part of row.parts) if (part.lens.shared) own.delete(partId(row, part))
  return own
}

function writtenOf(
  { permit }: WriteScope,
  { change, stored }: Changed,
  document: Pick<ResourceDocument, '_id' | 'v' | 'u' | 'body' | 'deleted'>,
): Written {
  const { _id, v, u, body, deleted } = document
  const found = stored.get(_id)
  const was = found?.deleted === false ? found : undefined
  if (!change.follows) {
    const [, type = ''] = _id.split('/')
    if (was) assertMayChange(permit, { method: 'PUT', type }, was)
    if (!deleted) assertMayLeave(permit, was ? 'u' : 'c', document, was)
  }
  const outcome = deleted ? 'deleted' : was ? 'updated' : 'created'
  return { _id, v, u, body, outcome, ...(was && { before: was.body }) }
}

/** In words of rows: what does not follow is a conflict, what is not accepted names its column. */
function refusalOf(error: NotStorableError): GatewayError {
  const { column, message } = error
  if (error instanceof NotNextError) {
    return new GatewayError('GW_CONFLICT', `The record ${message.replace(/\.$/, '')}.`, { cause: error })
  }
  const sentence = column === undefined ? `What was sent cannot be kept: ${message}.` : `${column} ${message}.`
  return new GatewayError('GW_NOT_STORABLE', sentence, {
    cause: error,
    ...(column !== undefined && { expression: column }),
  })
}
