/**
 * The change stream over all source collections, as a queue: what has arrived can be taken at once, all of it.
 *
 * One stream for the deployment, not one a database: its position is one token, and the server reads its oplog once.
 * Asking the driver for "the next one, if there" waits on the server for each missing event (`tryNext`, docs/performance.md),
 * so a pump empties the driver's buffer into the queue and whoever takes gets what is there.
 */
import { setImmediate } from 'node:timers/promises'
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
const ROW_EVENTS = ['insert', 'update', 'replace', 'delete']
const RESET_EVENTS = ['drop', 'rename', 'dropDatabase']

/** The stream cannot go on where it was (the oplog rolled over, fault 14): what changed since then is not known. */
export class ChangesLostError extends Error {
  override readonly name = 'ChangesLostError'
}

export class ChangeFeed {
  readonly #stream: ChangeStream
  readonly #queue: SourceChange[] = []
  #error: unknown
  #wake: (() => void) | undefined
  #room: (() => void) | undefined
  #closed = false

  constructor(store: Store, watched: readonly Watched[], { token, start }: Pick<PositionDocument, 'token' | 'start'>) {
    const from = token === undefined ? { startAtOperationTime: start } : { resumeAfter: token }
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

  async #pump(): Promise<void> {
    try {
      while (!this.#closed) {
        this.#queue.push(changeOf(await this.#stream.next()))
        this.#wake?.()
        if (this.#queue.length >= MOST_QUEUED) await new Promise<void>((resolve) => (this.#room = resolve))
      }
    } catch (error) {
      this.#error = error
      this.#wake?.()
    }
  }
}

function pipelineFor(watched: readonly Watched[]): Document[] {
  const rows = watched.map(({ database, collections }) => ({ 'ns.db': database, 'ns.coll': { $in: [...collections] } }))
  const renamed = watched.map(({ database, collections }) => ({
    'to.db': database,
    'to.coll': { $in: [...collections] },
  }))
  const dropped = { operationType: 'dropDatabase', 'ns.db': { $in: watched.map(({ database }) => database) } }
  return [
    { $match: { operationType: { $in: [...ROW_EVENTS, ...RESET_EVENTS] }, $or: [...rows, ...renamed, dropped] } },
    { $project: { operationType: 1, ns: 1, to: 1, 'documentKey._id': 1, clusterTime: 1, wallTime: 1 } },
  ]
}

function changeOf(event: Document): SourceChange {
  const { ns, to } = event as { ns: { db: string; coll?: string }; to?: { db: string; coll: string } }
  const type = event['operationType'] as string
  const common = { token: event['_id'] as unknown, at: timeOf(event), database: ns.db }
  if (ROW_EVENTS.includes(type)) {
    const _id = (event['documentKey'] as { _id: unknown })._id
    return { ...common, kind: 'row', collection: ns.coll ?? '', _id }
  }
  const collections = ns.coll === undefined ? undefined : [ns.coll, ...(to ? [to.coll] : [])]
  return { ...common, kind: 'reset', collections }
}

/** `wallTime` came with MongoDB 6.0; before it the cluster time tells the second. */
function timeOf({ wallTime, clusterTime }: Document): Date {
  return wallTime instanceof Date ? wallTime : new Date((clusterTime as { t: number }).t * 1000)
}
