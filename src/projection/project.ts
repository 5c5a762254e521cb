/**
 * The heart of the projection: rows → everything that follows from them, in one transaction.
 *
 * The change stream, backfill, retries and the worked-off rest of large changes all come through here.
 */
import type { Warning } from '../mapping/lens.ts'
import type { Store } from '../store/collections.ts'
import type { RowDocument } from '../store/documents.ts'
import type { Changes, ResourceState } from '../store/projected.ts'
import { readStates } from '../store/projected.ts'
import type { Reader } from '../store/reads.ts'
import type { RowRef } from '../store/row-id.ts'
import { alsoGiven, reference } from './answers.ts'
import type { BatchRow, Scope } from './batch.ts'
import { dependentsOf, hasChanged, readBatch } from './batch.ts'
import { keptResources, resourceChanges, rowChanges } from './changes.ts'
import { claimResources } from './claims.ts'
import type { Claims } from './claims.ts'
import type { Contents, Written } from './contents.ts'
import { makeContents } from './contents.ts'
import { joinRows } from './joins.ts'
import { makeParts, partId } from './parts.ts'
import type { Plan } from './plan.ts'
import { assignTenants } from './tenants.ts'

/** More rows than these lean on a change: they follow in transactions of their own. */
const MOST_DEPENDENTS = 500

export interface Projection {
  readonly changes: Changes
  readonly warnings: readonly Warning[]
  /** resources that are as they were */
  readonly unchanged: number
  /** rows looked at */
  readonly batch: readonly BatchRow[]
}

export interface ProjectOptions {
  /** leave rows alone that are as they were: their change was projected already */
  readonly onlyChanged: boolean
  readonly now: Date
  /** what `rows` has of them, where it was read already */
  readonly known?: readonly RowDocument[]
  /** of a FHIR write */
  readonly written?: Written
}

/** Reads and computes; the caller writes the changes in the same transaction, or shows them. */
export async function projectRows(
  store: Store,
  plan: Plan,
  refs: readonly RowRef[],
  session: Reader,
  { onlyChanged, now, known: before, written }: ProjectOptions,
): Promise<Projection> {
  const scope: Scope = { store, plan, session }
  const asked = (await readBatch(scope, refs, before)).filter((row) => !onlyChanged || hasChanged(row))
  const followers = await followRows(scope, asked)
  const own = [...asked, ...followers.rows]
  const tenants = await assignTenants(scope, own)
  await partsOf(scope, own)
  const batch = [...own, ...(await otherGivers(scope, own))]
  const states = await readStates(store, resourceIds(batch), session)
  const claims = claimResources(batch, states)
  const removed = removedResources(batch, claims, states)
  const known = { seals: store.seals, base: plan.base, claims, states, removed, written }
  const contents = makeContents(known)
  const resources = resourceChanges(known, contents, now)
  const pending = [followers.pending, tenants.moved, await appearances(scope, batch, resources.resources, states)]
  return {
    batch,
    warnings: contents.warnings,
    unchanged: countUnchanged(contents, resources),
    changes: {
      ...resources,
      ...rowChanges(batch, known, contents, now),
      tenants: tenants.tenants,
      goneTenants: tenants.goneTenants,
      pending: pending.filter((deps) => deps.length > 0),
    },
  }
}

function countUnchanged({ made }: Contents, { resources }: Pick<Changes, 'resources'>): number {
  const present = made.values().reduce((count, content) => count + (content ? 1 : 0), 0)
  return present - resources.filter(({ document }) => !document.deleted).length
}

/** Rows that joined a row which changed, or looked for it in vain. */
async function followRows(scope: Scope, asked: readonly BatchRow[]): Promise<{ rows: BatchRow[]; pending: string[] }> {
  const answers = new Set(
    asked.filter(hasChanged).flatMap(({ before, answers }) => [...(before?.answers ?? []), ...answers]),
  )
  if (answers.size === 0) return { rows: [], pending: [] }
  const refs = await dependentsOf(scope, [...answers], new Set(asked.map(({ id }) => id)), MOST_DEPENDENTS)
  if (!refs) return { rows: [], pending: [...answers] }
  return { rows: refs.length > 0 ? await readBatch(scope, refs) : [], pending: [] }
}

export async function partsOf(scope: Scope, batch: readonly BatchRow[]): Promise<void> {
  makeParts(await joinRows(scope, batch), scope.plan.base)
}

/** Rows that give, or wait to give, a resource which a row of the batch no longer gives. */
async function otherGivers(scope: Scope, batch: readonly BatchRow[]): Promise<BatchRow[]> {
  const given = new Set(batch.flatMap((row) => row.parts.map((part) => partId(row, part))))
  const gone = batch.flatMap(({ before }) => (before?.resources ?? []).filter((id) => !given.has(id)))
  if (gone.length === 0) return []
  const ids = new Set(batch.map(({ id }) => id))
  const refs = await dependentsOf(scope, gone.map(alsoGiven), ids, Number.MAX_SAFE_INTEGER - 1)
  const rows = refs && refs.length > 0 ? await readBatch(scope, refs) : []
  await assignTenants(scope, rows)
  await partsOf(scope, rows)
  return rows
}

function resourceIds(batch: readonly BatchRow[]): string[] {
  const ids = new Set<string>()
  for (const row of batch) {
    for (const id of row.before?.resources ?? []) ids.add(id)
    for (const part of row.parts) ids.add(partId(row, part))
    for (const dep of row.deps) if (dep.startsWith('@')) ids.add(dep.slice(1))
  }
  return [...ids]
}

function removedResources(
  batch: readonly BatchRow[],
  claims: Claims,
  states: ReadonlyMap<string, ResourceState>,
): Set<string> {
  const removed = new Set<string>()
  for (const row of batch) {
    const kept = new Set(keptResources(row, { states }))
    for (const id of row.before?.resources ?? []) if (!claims.has(id) && !kept.has(id)) removed.add(id)
  }
  return removed
}

/** References outside the batch that become literal or logical: their targets appeared or went. */
async function appearances(
  scope: Scope,
  batch: readonly BatchRow[],
  writes: Changes['resources'],
  states: ReadonlyMap<string, ResourceState>,
): Promise<string[]> {
  const deps = writes.flatMap(({ document }) => {
    const wasThere = states.get(document._id)?.deleted === false
    const type = document.tt.slice(document.t.length + 1)
    return wasThere === document.deleted && scope.plan.targets.has(type) ? [reference(document._id)] : []
  })
  if (deps.length === 0) return []
  const others = await dependentsOf(scope, deps, new Set(batch.map(({ id }) => id)), batch.length)
  return others?.length === 0 ? [] : deps
}
