/**
 * The change stream over all source collections, as a queue: what has arrived can be taken at once, all of it.
 *
 * One stream for the deployment, not one a database: its position is one token, and the server reads its oplog once.
 * Asking the driver for "the next one, if there" waits on the server for each missing event (`tryNext`, docs/performance.md),
 * so a pump empties the driver's buffer into the queue and whoever takes gets what is there.
 */
import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import type { ChangeStream, Document } from 'mongodb'
import type { Store } from './collections.ts'
import type { PositionDocument } from './documents.ts'
import { isDenied, isPassing } from './failures.ts'

export type SourceChange = { readonly token: unknown; readonly at: Date; readonly database: string } & (
  | { readonly kind: 'row'; readonly collection: string; readonly _id: unknown }
  /** dropped or renamed: its rows are not deleted one by one. Without a collection, the whole database. */
  | { readonly kind: 'reset'; readonly collections: readonly string[] | undefined }
)

export interface Watched {
  readonly database: string
  readonly collections: readonly string[]
}

const MOST_QUEUED = 2_000
const ROW_EVENTS = new Set(['insert', 'update', 'replace', 'delete'])
const RESET_EVENTS = new Set(['drop', 'rename'])
/** Whoever takes so many at a time has enough to do. */
const MANY = 12
/** Milliseconds: then the server is asked for more no sooner, for an answer costs the same whatever is in it. */
const REST = 25

/** The stream cannot go on where it was (the oplog rolled over, fault 14): what changed since then is not known. */
export class ChangesLostError extends Error {
  override readonly name = 'ChangesLostError'
}

export class ChangeFeed {
  readonly #stream: ChangeStream
  /** `<database>.<collection>` */
  readonly #watched: ReadonlySet<string>
  readonly #queue: SourceChange[] = []
  #error: unknown
  #wake: (() => void) | undefined
  #room: (() => void) | undefined
  #closed = false
  #isBusy = false
  #asked = 0

  constructor(store: Store, watched: readonly Watched[], { token, start }: Pick<PositionDocument, 'token' | 'start'>) {
    const from = token === undefined ? { startAtOperationTime: start } : { resumeAfter: token }
    this.#watched = new Set(
      watched.flatMap(({ database, collections }) => collections.map((collection) => `${database}.${collection}`)),
    )
    this.#stream = store.client.watch(pipelineFor(watched), from)
    void this.#pump()
  }

  /** How much is there to take. */
  get size(): number {
    return this.#queue.length
  }

  /** What has arrived, up to `limit`. Throws what ended the stream, once everything before it was taken. */
  async take(limit: number): Promise<SourceChange[]> {
    // Gives the pump its turn to empty the driver's buffer
    await setImmediate()
    if (this.#queue.length === 0 && this.#error !== undefined) throw this.#ending(this.#error)
    const taken = this.#queue.splice(0, limit)
    this.#isBusy = taken.length >= MANY
    this.#room?.()
    return taken
  }

  /** Until something is there to take, the time is up, or `stop`. */
  async wait(milliseconds: number, stop: AbortSignal): Promise<void> {
    if (this.#queue.length > 0 || this.#error !== undefined || stop.aborted) return
    await new Promise<void>((resolve) => {
      const wake = () => {
        clearTimeout(timer)
        stop.removeEventListener('abort', wake)
        resolve()
      }
      const timer = setTimeout(wake, milliseconds)
      stop.addEventListener('abort', wake)
      this.#wake = wake
    })
  }

  /** A token behind everything taken so far, while nothing is waiting: a quiet source must not fall off the oplog. */
  async idleToken(): Promise<unknown> {
    const token = this.#stream.resumeToken
    await setImmediate()
    return this.#queue.length === 0 && this.#stream.resumeToken === token ? token : undefined
  }

  /** When the oldest change that waits was made, by database. */
  oldest(): Map<string, Date> {
    const oldest = new Map<string, Date>()
    for (const { database, at } of this.#queue) if (!oldest.has(database)) oldest.set(database, at)
    return oldest
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#room?.()
    await this.#stream.close()
  }

  #ending(error: unknown): Error {
    if (isPassing(error) || isDenied(error)) return error as Error
    return new ChangesLostError('the change stream cannot go on where it was', { cause: error })
  }

  /** Before the server is asked again. */
  async #rest(): Promise<void> {
    if (this.#stream.bufferedCount() > 0) return
    const rest = this.#asked + REST - performance.now()
    if (this.#isBusy && rest > 0) await sleep(rest)
    this.#asked = performance.now()
  }

  async #pump(): Promise<void> {
    try {
      while (!this.#closed) {
        await this.#rest()
        const change = changeOf(await this.#stream.next(), this.#watched)
        if (!change) continue
        this.#queue.push(change)
        this.#wake?.()
        if (this.#queue.length >= MOST_QUEUED) await new Promise<void>((resolve) => (this.#room = resolve))
      }
    } catch (error) {
      this.#error = error
      this.#wake?.()
    }
  }
}

/**
 * By database alone: each collection that is named, too, is an expression of its own which MongoDB tries on every write there
 * is, ours most of all. Of what nothing is mapped from, little is left then, which goes no further than here.
 */
function pipelineFor(watched: readonly Watched[]): Document[] {
  return [
    { $match: { 'ns.db': { $in: watched.map(({ database }) => database) } } },
    { $project: { operationType: 1, ns: 1, to: 1, 'documentKey._id': 1, clusterTime: 1, wallTime: 1 } },
  ]
}

/** Undefined: nothing that anything is mapped from. */
function changeOf(event: Document, watched: ReadonlySet<string>): SourceChange | undefined {
  const { ns, to } = event as { ns: { db: string; coll?: string }; to?: { db: string; coll: string } }
  const type = event['operationType'] as string
  const common = { token: event['_id'] as unknown, at: timeOf(event), database: ns.db }
  const isWatched = (collection = ''): boolean => watched.has(`${ns.db}.${collection}`)
  if (ROW_EVENTS.has(type)) {
    const _id = (event['documentKey'] as { _id: unknown })._id
    return isWatched(ns.coll) ? { ...common, kind: 'row', collection: ns.coll ?? '', _id } : undefined
  }
  if (type === 'dropDatabase') return { ...common, kind: 'reset', collections: undefined }
  const collections = [ns, to].flatMap((each) => each?.coll ?? [])
  return RESET_EVENTS.has(type) && collections.some(isWatched) ? { ...common, kind: 'reset', collections } : undefined
}

/** `wallTime` came with MongoDB 6.0; before it the cluster time tells the second. */
function timeOf({ wallTime, clusterTime }: Document): Date {
  return wallTime instanceof Date ? wallTime : new Date((clusterTime as { t: number }).t * 1000)
}
