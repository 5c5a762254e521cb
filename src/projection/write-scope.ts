/** What every part of a FHIR write works with, and the rows a mapped resource is made of as they are at this moment. */
import type { Permit } from '../access/permit.ts'
import type { LensContext, Part, Row } from '../mapping/lens.ts'
import type { ResourceDocument } from '../store/documents.ts'
import { readRowDocuments, readStates } from '../store/projected.ts'
import type { Reads } from '../store/reads.ts'
import type { RowRef } from '../store/row-id.ts'
import { rowId } from '../store/row-id.ts'
import { hashRow } from '../store/source-rows.ts'
import type { Writes } from '../store/writes.ts'
import type { BatchRow, Scope } from './batch.ts'
import { hasChanged, readBatch } from './batch.ts'
import { isThere } from './contents.ts'
import type { Accompaniment } from './operation.ts'
import { partId, resourceId } from './parts.ts'
import { partsOf } from './project.ts'
import { assignTenants } from './tenants.ts'

export interface WriteScope extends Scope, Accompaniment {
  readonly session: Reads
  readonly writes: Writes
  /** what its rows lean on, and what those answer to that changed (src/projection/answers.ts) */
  readonly leans: Set<string>
  readonly answers: Set<string>
  /** In a transaction of its own: writes what is there so far, so that what follows finds it. */
  readonly flush?: () => Promise<void>
  /** one of several operations */
  readonly isPart: boolean
  readonly permit: Permit
  /** who writes */
  readonly by: string
  readonly now: Date
  /** rows this write changed, by name; kept when it must be tried again */
  readonly changed: Map<string, RowRef>
}

/** It leans on operations of the same commit before it, or on a row it must catch up with: it takes a transaction of its own. */
export class NotTogetherError extends Error {
  override readonly name = 'NotTogetherError'
}

/** What is written through a lens depends on rows that other operations of its commit may write. */
export function assertOrdered({ isPart, flush }: WriteScope): void {
  if (isPart && !flush) throw new NotTogetherError('operations on source rows go one after the other')
}

/** The clinic's own program changed rows that are not projected yet: they come first, then the write is tried again. */
export class BehindError extends Error {
  override readonly name = 'BehindError'
  readonly refs: readonly RowRef[]
  constructor(refs: readonly RowRef[]) {
    super('the source rows changed and are not projected yet')
    this.refs = refs
  }
}

/** A mapped resource and its rows, in the transaction that is about to change them. */
export interface View {
  readonly id: string
  readonly row: BatchRow
  readonly part: Part
  readonly context: LensContext
}

/** Undefined when the rows do not give the resource any more. */
export async function viewOf(scope: Scope, stored: ResourceDocument): Promise<View | undefined> {
  const documents = await readRowDocuments(scope.store, [stored.origin?.row ?? ''], scope.session)
  const [document] = documents
  if (!document) return undefined
  const { instance, collection, row: _id } = document
  const [row] = (await readBatch(scope, [{ instance, collection, _id }], documents)) as [BatchRow]
  if (hasChanged(row)) throw new BehindError([row.ref])
  await assignTenants(scope, [row])
  await partsOf(scope, [row])
  const part = row.parts.find((each) => each.lens.name === stored.origin?.mapping && partId(row, each) === stored._id)
  if (!part) return undefined
  await assertProjected(scope, row, part)
  return { id: stored._id, row, part, context: await contextOf(scope, row, part) }
}

async function assertProjected(scope: Scope, row: BatchRow, part: Part): Promise<void> {
  const joined = ownRows(row, part).slice(1)
  if (joined.length === 0) return
  const ids = joined.map(({ ref }) => rowId(ref))
  const documents = await readRowDocuments(scope.store, ids, scope.session)
  const hashes = new Map(documents.map(({ _id, hash }) => [_id, hash]))
  const behind = joined.filter(({ ref, fields }) => hashes.get(rowId(ref)) !== hashRow(fields))
  if (behind.length > 0) throw new BehindError(behind.map(({ ref }) => ref))
}

export interface OwnRow {
  readonly alias: string
  readonly ref: RowRef
  readonly fields: Row
}

/** The rows that a write of the resource may change, the owner's first. */
export function ownRows({ ref }: Pick<BatchRow, 'ref'>, { lens, rows }: Part): OwnRow[] {
  const { instance } = ref
  const parts = lens.joins.flatMap(({ alias, collection, part }): OwnRow[] => {
    const fields = rows[alias] as Row | undefined
    return part && fields ? [{ alias, ref: { instance, collection, _id: fields['_id'] }, fields }] : []
  })
  return [{ alias: lens.alias, ref, fields: rows[lens.alias] as Row }, ...parts]
}

/** What the lens asks of the world, answered from the store as it is now. */
export async function contextOf(scope: Scope, row: BatchRow, part: Part): Promise<LensContext> {
  const { store, plan, session } = scope
  const ids = part.lens.references(part).map((reference) => resourceId(row, reference))
  const states = await readStates(store, ids, session)
  const key = row.tenant?.key
  return {
    base: plan.base,
    timeZone: row.plan?.source.timeZone ?? 'UTC',
    ...(key !== undefined && { tenantKey: key }),
    has: (reference) => isThere(states.get(resourceId(row, reference))),
    warn: () => undefined,
  }
}
