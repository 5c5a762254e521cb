/**
 * The outbox: one row a commit that made versions, whoever made them, in its transaction, so that nothing that must follow
 * is forgotten. The relay (workers/relay.ts) hands the rows on and removes them.
 */
import type { ClientSession } from 'mongodb'
import { ObjectId } from 'mongodb'
import type { Store } from './collections.ts'
import type { OutboxDocument } from './documents.ts'
import type { ResourceWrite } from './projected.ts'

/** One version that was made. */
export type Change = OutboxDocument['changes'][number]

/** Somebody for whom something follows from versions. */
export interface Follower {
  /** by which what was parked for it is known */
  readonly name: string
  /**
   * Inside the transaction of the relay, so what it writes with the session is written once, whoever is killed when; it may
   * run several times before that. Gives what is to be done after the commit: it may be forgotten, never relied on.
   */
  follow(changes: readonly Change[], session: ClientSession): Promise<(() => void) | undefined>
  /** Does anybody wait to hear of it at once? Where nobody does, commits are handed on several at a time. */
  isAwaited?(): boolean
}

const listeners = new Set<() => void>()

/** `listener` is told when this program is about to commit something; gives what ends that. */
export function onOutbox(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function outboxRow(resources: readonly ResourceWrite[]): OutboxDocument {
  for (const listener of listeners) listener()
  const changes = resources.map(({ document: { _id, v }, version: { method } }) => ({ id: _id, v, method }))
  return { _id: new ObjectId(), at: new Date(), changes }
}

/**
 * The oldest rows. In the order in which the server stored them: ids of several programs are in no order, and whoever makes
 * a version stores it after the one it replaces was committed.
 */
export async function readOutbox({ outbox }: Store, limit: number, session: ClientSession): Promise<OutboxDocument[]> {
  return outbox
    .find({}, { session, hint: { $natural: 1 } })
    .limit(limit)
    .toArray()
}

/** Throws when somebody else has relayed one of them: what was written in this transaction is written already. */
export async function removeOutbox(
  { outbox }: Store,
  rows: readonly OutboxDocument[],
  session: ClientSession,
): Promise<void> {
  const { deletedCount } = await outbox.deleteMany({ _id: { $in: rows.map(({ _id }) => _id) } }, { session })
  if (deletedCount !== rows.length) throw new OtherRelayError('rows of the outbox were relayed by another program')
}

export class OtherRelayError extends Error {
  override readonly name = 'OtherRelayError'
}
