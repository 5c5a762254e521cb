/**
 * Transactions that a program had open when it was killed. MongoDB keeps them, and whatever they hold, for a minute
 * (transactionLifetimeLimitSeconds): nobody could write those documents, and what waits for all that was begun would wait
 * for them. Connections carry the name of their program, so the others can end what it left.
 */
import type { Binary, Document, MongoClient } from 'mongodb'
import { ownerName } from './owner.ts'

/** Of all connections of a program; 128 bytes at most. */
export const APP_NAME = `isthmus ${ownerName()}`

export interface OpenTransaction {
  readonly owner: string
  readonly began: Date
  readonly session: Binary
}

/** Those of gateways and workers. Each user may ask it of its own, without any right. */
export async function openTransactions(client: MongoClient): Promise<OpenTransaction[]> {
  const stages: Document[] = [
    { $currentOp: { allUsers: false, idleSessions: true } },
    { $match: { 'transaction.startWallClockTime': { $exists: true }, appName: /^isthmus / } },
    { $project: { appName: 1, session: '$lsid.id', began: { $toDate: '$transaction.startWallClockTime' } } },
  ]
  const found = await client
    .db('admin')
    .aggregate<{ appName: string; session: Binary; began: Date }>(stages, { readConcern: { level: 'local' } })
    .toArray()
  return found.map(({ appName, session, began }) => ({ owner: appName.replace(/^isthmus /, ''), began, session }))
}

/** Those that are left: what a program that is gone began is ended. */
export async function withoutAbandoned(
  client: MongoClient,
  isGone: (owner: string) => boolean,
): Promise<OpenTransaction[]> {
  const open = await openTransactions(client)
  const abandoned = open.filter(({ owner }) => isGone(owner))
  if (abandoned.length === 0) return open
  await client.db('admin').command({ killSessions: abandoned.map(({ session }) => ({ id: session })) })
  return open.filter((each) => !abandoned.includes(each))
}
