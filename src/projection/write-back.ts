/**
 * What clients write: source rows, resources, versions and outbox in one transaction, or nothing at all.
 *
 * A write is tried together with others first (together.ts), then in a transaction of its own. A conflict with a program
 * that writes the same row at the same moment ends in one of two ways: the transaction is tried again on what is there
 * then, or the client is told (409, 412). Nobody's change is lost.
 */
import type { ClientSession } from 'mongodb'
import type { Permit } from '../access/permit.ts'
import type { Routing } from '../mapping/routing.ts'
import type { Store } from '../store/collections.ts'
import { isDuplicate } from '../store/failures.ts'
import { Reads } from '../store/reads.ts'
import type { RowRef } from '../store/row-id.ts'
import { collectionKey } from '../store/row-id.ts'
import { forget, restricts } from '../store/restrictions.ts'
import { Snapshot } from '../store/snapshot.ts'
import { holdRow } from '../store/source-writer.ts'
import { DEADLINE, inTransaction, withDeadline, withSession } from '../store/transaction.ts'
import { applyWrites, noWrites } from '../store/writes.ts'
import { assertInForce } from './in-force.ts'
import type { Accompaniment, WriteOperation, Written } from './operation.ts'
import { isSeveral } from './operation.ts'
import type { Plan } from './plan.ts'
import { runOperations } from './run-operations.ts'
import { commitTogether } from './together.ts'
import { duplicate } from './write-errors.ts'
import type { WriteScope } from './write-scope.ts'

export interface WriteBack {
  readonly store: Store
  readonly plan: Plan
  readonly routing: Routing
  /** hash of the set of mappings it writes through, where others may come into force */
  readonly mappings?: string
}

/** Operations that hold together or not at all, and who sent them. */
export interface Commit extends Accompaniment {
  readonly permit: Permit
  readonly by: string
  readonly operations: readonly WriteOperation[]
  /** rows it changed, by name; kept when it must be tried again */
  readonly changed: Map<string, RowRef>
}

const MOST_TRIES = 5

/** All of them, or none: throws a GatewayError, which names the operation by `index` where there are several. */
export async function commitWrites(
  writeBack: WriteBack,
  permit: Permit,
  by: string,
  operations: readonly WriteOperation[],
  milliseconds = DEADLINE,
  accompaniment: Accompaniment = {},
): Promise<Written[]> {
  const commit: Commit = { permit, by, operations, changed: new Map(), ...accompaniment }
  const start = performance.now()
  try {
    const together = await withDeadline((isOver) => commitTogether(writeBack, commit, isOver), milliseconds)
    return together ?? (await commitAlone(writeBack, commit, milliseconds - (performance.now() - start)))
  } finally {
    // Also where it is not known whether it was written
    if (operations.some(isRestricting)) forget(writeBack.store, permit.tenant)
  }
}

/** What follows is decided by it at once. */
function isRestricting(operation: WriteOperation): boolean {
  if (operation.method === 'ROWS') return false
  return restricts(operation.type) || (operation.method === 'POST' && operation.opening !== undefined)
}

async function commitAlone(writeBack: WriteBack, commit: Commit, milliseconds: number): Promise<Written[]> {
  for (let tries = 1; ; tries++) {
    try {
      return await withSession(
        writeBack.store,
        (session) => inTransaction(session, () => runAlone(writeBack, commit, session)),
        milliseconds,
      )
    } catch (error) {
      if (tries < MOST_TRIES && isDuplicate(error, 'guards')) continue
      throw isDuplicate(error) ? duplicate() : error
    }
  }
}

async function runAlone(writeBack: WriteBack, commit: Commit, session: ClientSession): Promise<Written[]> {
  const { store, routing, mappings } = writeBack
  await holdRows(writeBack, [...commit.changed.values()], session)
  if (mappings !== undefined) await assertInForce(store, mappings, session)
  const scope: WriteScope = {
    ...writeBack,
    ...commit,
    isPart: isSeveral(commit.operations),
    session: new Reads(new Snapshot({ session })),
    now: new Date(),
    writes: noWrites(),
    leans: new Set(),
    answers: new Set(),
    async flush() {
      await applyWrites(store, scope.writes, session)
      for (const done of Object.values(scope.writes)) (done as unknown[]).length = 0
      scope.session.forget()
    },
  }
  const written = await runOperations(scope, routing, commit.operations)
  await applyWrites(store, scope.writes, session)
  return written
}

/** Rows that an earlier try changed and another writer was faster with. */
async function holdRows({ store, plan }: WriteBack, rows: readonly RowRef[], session: ClientSession): Promise<void> {
  for (const { instance, collection, _id } of rows) {
    const database = plan.collections.get(collectionKey(instance, collection))?.database
    if (database !== undefined) await holdRow(store, { database, collection, _id }, session)
  }
}
