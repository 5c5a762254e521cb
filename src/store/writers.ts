/**
 * Who writes resources, and by which search parameters: gateways of two releases, or with other parameters of their own,
 * may run side by side for a while.
 *
 * A program takes its place here before it writes. What it would write without the keys that others search by is ready no
 * more, and is built again when the last of these programs is gone. A place is renewed like a lease; without one nothing
 * is written, so that a program that was frozen cannot come back and leave resources that no search finds.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { ClientSession } from 'mongodb'
import { GatewayError } from '../kernel/errors.ts'
import { hashOfAll } from '../r4/parameter-hashes.ts'
import type { ParameterHashes, TypeHashes } from '../r4/parameter-hashes.ts'
import { withoutAbandoned } from './abandoned.ts'
import type { Store } from './collections.ts'
import type { IndexingDocument, WriterDocument } from './documents.ts'
import { BELIEVED, raiseEpoch, readIndexing } from './indexing.ts'
import { inTransaction } from './transaction.ts'

const RENEW = 2_000
const LIFETIME = 10_000
/** A transaction that was begun with a place may end after it: MongoDB ends it after a minute. */
const LAST_WRITES = 60_000

export interface WriterOptions {
  /** name of the program, as leases have it */
  readonly owner: string
  /** true when it certainly is gone */
  readonly isDead: (owner: string) => boolean
  readonly hashes: TypeHashes
  /** milliseconds that a request may take */
  readonly longest: number
}

export interface Writer {
  /** When nothing is written any more. */
  stop(): Promise<void>
}

/** When the place of a program that writes to the store ends. */
const places = new WeakMap<Store, { until: number }>()

export async function registerWriter(store: Store, options: WriterOptions): Promise<Writer> {
  const place = { until: 0 }
  const take = async (): Promise<void> => {
    const until = Date.now() + LIFETIME
    await takePlace(store, options, new Date(until))
    place.until = until
  }
  const renew = async (): Promise<void> => {
    const until = Date.now() + LIFETIME
    const found = await store.writers.updateOne({ _id: options.owner }, { $set: { expires: new Date(until) } })
    if (found.matchedCount === 1) place.until = until
    else await take()
    await endAbandoned(store, options.isDead)
  }
  await take()
  places.set(store, place)
  let renewing: Promise<void> | undefined
  // The database is away: the next turn tries again, and nothing is written once the place has ended
  const timer = setInterval(() => {
    renewing ??= renew().then(ended, ended)
  }, RENEW)
  const ended = (): void => {
    renewing = undefined
  }
  return {
    async stop() {
      clearInterval(timer)
      await renewing
      places.delete(store)
      await store.writers.deleteOne({ _id: options.owner })
    },
  }
}

/** Without a place nothing is committed: what was begun by those whose place has ended is nobody's any more. */
async function endAbandoned({ client, writers }: Store, isDead: WriterOptions['isDead']): Promise<void> {
  const found = await writers.find({}, { projection: { expires: 1 } }).toArray()
  const gone = new Set(found.flatMap(({ _id, expires }) => (isDead(_id) || expires < new Date() ? [_id] : [])))
  if (gone.size === 0) return
  await withoutAbandoned(client, (owner) => gone.has(owner))
  await forget(writers, found, isDead)
}

async function forget(
  writers: Store['writers'],
  found: readonly Pick<WriterDocument, '_id' | 'expires'>[],
  isDead: WriterOptions['isDead'],
): Promise<string[]> {
  const over = new Date(Date.now() - LAST_WRITES)
  const gone = found.filter(({ _id, expires }) => isDead(_id) || expires < over).map(({ _id }) => _id)
  if (gone.length > 0) await writers.deleteMany({ _id: { $in: gone } })
  return gone
}

/** Inside a transaction that writes resources. A program that never took a place (a test) may. */
export function assertMayWrite(store: Store): void {
  const place = places.get(store)
  if (!place || Date.now() < place.until) return
  throw new GatewayError('GW_UNAVAILABLE', 'The gateway has lost touch with the database for a moment; try again.')
}

async function takePlace(
  store: Store,
  { owner, isDead, hashes, longest }: WriterOptions,
  expires: Date,
): Promise<void> {
  const session = store.client.startSession()
  try {
    const changed = await inTransaction(session, async () => {
      const sets = Object.fromEntries([...hashes].map(([type, each]) => [type, hashOfAll(each)]))
      const [kid] = store.seals.kids
      const place = { sets, expires, ...(kid !== undefined && { kid }) }
      await store.writers.replaceOne({ _id: owner }, place, { upsert: true, session })
      return withdraw(store, hashes, session)
    })
    const others = changed ? await store.writers.find({ _id: { $ne: owner } }).toArray() : []
    if (others.some(({ _id, expires: until }) => until > new Date() && !isDead(_id))) await sleep(BELIEVED + longest)
  } finally {
    await session.endSession()
  }
}

/** What a program with these parameters writes has no keys of other ones. True when something is ready no more. */
async function withdraw(store: Store, hashes: TypeHashes, session: ClientSession): Promise<boolean> {
  const documents = await readIndexing(store, session)
  const changes = documents.flatMap((document) => {
    const change = withdrawn(document, hashes.get(document._id) ?? {})
    return change ? [{ updateOne: { filter: { _id: document._id }, update: change } }] : []
  })
  if (changes.length === 0) return false
  await store.indexing.bulkWrite(changes, { session })
  await raiseEpoch(store, session)
  return true
}

/** What is being built begins again, when the program is gone. */
function withdrawn({ ready, building }: IndexingDocument, own: ParameterHashes): object | undefined {
  const lost = without(ready, own)
  if (lost.length === 0 && without(building ?? {}, own).length === 0) return undefined
  const kept = Object.fromEntries(Object.entries(ready).filter(([code]) => !lost.includes(code)))
  return { $set: { ready: kept, after: '', done: 0 }, $inc: { run: 1 } }
}

function without(hashes: ParameterHashes, own: ParameterHashes): string[] {
  return Object.keys(hashes).filter((code) => hashes[code] !== own[code])
}

/** Another program still writes by other parameters of the type. Forgets those that are gone. */
export async function othersDiffer(
  { writers }: Store,
  type: string,
  hash: string,
  isDead: (owner: string) => boolean,
): Promise<boolean> {
  const found = await writers.find({}, { projection: { expires: 1, [`sets.${type}`]: 1 } }).toArray()
  const gone = await forget(writers, found, isDead)
  return found.some((writer) => !gone.includes(writer._id) && writer.sets[type] !== hash)
}

/** Programs that may still write and seal with another key than this one, each by the name of its key. */
export async function othersSealing({ writers, seals }: Store, isDead: (owner: string) => boolean): Promise<string[]> {
  const found = await writers.find({}, { projection: { expires: 1, kid: 1 } }).toArray()
  const gone = await forget(writers, found, isDead)
  const kids = found.flatMap(({ _id, kid = '' }) => (gone.includes(_id) ? [] : [kid]))
  return kids.filter((kid) => kid !== seals.kids[0])
}
