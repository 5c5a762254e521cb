/**
 * What a commit is about to write, as data: kept together until everything is known, then written collection by
 * collection. A round trip costs more than the document in it.
 */
import type { ClientSession } from 'mongodb'
import { writeAudit } from './audit.ts'
import type { AuditDocument } from './audit-documents.ts'
import type { Store } from './collections.ts'
import { writeGuards } from './guards.ts'
import { markDone } from './kept-answers.ts'
import type { Once } from './kept-answers.ts'
import type { OpeningDocument } from './openings.ts'
import type { OwedEnd } from './handouts.ts'
import { endOwed } from './handouts.ts'
import type { Changes } from './projected.ts'
import { writeChanges } from './projected.ts'
import { countChange } from './restrictions.ts'
import { rowId } from './row-id.ts'
import type { SourceWrite } from './source-writer.ts'
import { writeRows } from './source-writer.ts'
import type { SubscriptionWrite } from './subscriptions.ts'
import { writeSubscriptions } from './subscriptions.ts'

export interface Writes {
  /** what may be there once only, each turned away when another makes it at the same time */
  readonly guards: string[]
  readonly rows: SourceWrite[]
  readonly changes: Changes[]
  /** who did it: there exactly when what it tells of is */
  readonly audit: AuditDocument[]
  readonly openings: OpeningDocument[]
  /** messages that were sent, and of which it tells */
  readonly owed: OwedEnd[]
  /** what Subscriptions ask for */
  readonly subscriptions: SubscriptionWrite[]
  /** what is not done again when it is sent again */
  readonly done: (Once & { readonly written: readonly string[] })[]
}

export function noWrites(): Writes {
  return { guards: [], rows: [], changes: [], audit: [], openings: [], owed: [], subscriptions: [], done: [] }
}

export function isNothing({ guards, rows, changes, owed, subscriptions }: Writes): boolean {
  return guards.length + rows.length + changes.length + owed.length + subscriptions.length === 0
}

export function allWrites(each: readonly Writes[]): Writes {
  return {
    guards: each.flatMap(({ guards }) => guards),
    rows: each.flatMap(({ rows }) => rows),
    changes: each.flatMap(({ changes }) => changes),
    audit: each.flatMap(({ audit }) => audit),
    openings: each.flatMap(({ openings }) => openings),
    owed: each.flatMap(({ owed }) => owed),
    subscriptions: each.flatMap(({ subscriptions }) => subscriptions),
    done: each.flatMap(({ done }) => done),
  }
}

export async function applyWrites(store: Store, writes: Writes, session: ClientSession): Promise<void> {
  await writeGuards(store, new Set(writes.guards), session)
  await writeRows(store, writes.rows, session)
  await writeChanges(store, allChanges(writes.changes), session)
  await writeSubscriptions(store, writes.subscriptions, session)
  await writeAudit(store, writes.audit, session)
  await markDone(store, writes.done, session)
  await endOwed(store, writes.owed, session)
  if (writes.openings.length === 0) return
  await store.openings.insertMany([...writes.openings], { session })
  await countChange(
    store,
    writes.openings.map(({ t }) => t),
    session,
  )
}

/** Names of all documents that are written: two commits that share one stand in each other's way. */
export function documentsIn({ guards, rows, changes, subscriptions }: Writes): string[] {
  return [
    ...guards.map((key) => `guard ${key}`),
    ...subscriptions.map(({ _id }) => `subscription ${_id}`),
    ...rows.map(
      ({ place: { database: instance, collection, _id } }) => `source ${rowId({ instance, collection, _id })}`,
    ),
    ...changes.flatMap((each) => [
      ...each.resources.map(({ document }) => document._id),
      ...each.moved.keys(),
      ...[...each.newRows, ...each.rows, ...each.problems].map(({ _id }) => `row ${_id}`),
      ...[...each.hashes.keys(), ...each.goneRows, ...each.solved].map((_id) => `row ${_id}`),
      ...each.tenants.map(({ _id }) => `tenant ${_id}`),
      ...each.goneTenants.map((_id) => `tenant ${_id}`),
    ]),
  ]
}

function allChanges(each: readonly Changes[]): Changes {
  const [only] = each
  if (each.length === 1 && only) return only
  return {
    resources: each.flatMap(({ resources }) => resources),
    moved: new Map(each.flatMap(({ moved }) => [...moved])),
    newRows: each.flatMap(({ newRows }) => newRows),
    rows: each.flatMap(({ rows }) => rows),
    hashes: new Map(each.flatMap(({ hashes }) => [...hashes])),
    goneRows: each.flatMap(({ goneRows }) => goneRows),
    problems: each.flatMap(({ problems }) => problems),
    solved: each.flatMap(({ solved }) => solved),
    tenants: each.flatMap(({ tenants }) => tenants),
    goneTenants: each.flatMap(({ goneTenants }) => goneTenants),
    pending: each.flatMap(({ pending }) => pending),
  }
}
