/**
 * Queues that tell workers of jobs (BullMQ). They hold names only: what a job is stands in MongoDB, so a Redis that is
 * emptied, or away for a while, loses nothing. A name that is there already is not added again.
 */
import { Queue, Worker } from 'bullmq'

export interface JobQueue {
  /** They have no `:` and are no numbers. */
  add(ids: readonly string[]): Promise<void>
  /** Jobs that tell of a list of names each: a job costs Redis and its taker the same, however much it tells of. */
  addLists(lists: readonly { readonly id: string; readonly names: readonly string[] }[]): Promise<void>
  /** How many are not begun. */
  waiting(): Promise<number>
  /** Adds a job of this name again and again; said twice it is the same. */
  repeat(name: string, everyMilliseconds: number): Promise<void>
  close(): Promise<void>
}

export interface JobWorker {
  /** Waits for what is at work. */
  close(): Promise<void>
}

export type QueueName = 'bulk' | 'owed' | 'regular' | 'subscriptions'

export interface QueuePlace {
  readonly redisUrl: string
  /** of this gateway: several may share a Redis */
  readonly database: string
}

const ANSWER_LIMIT = 5_000

/** What went wrong is known to MongoDB, and what is done is nobody's business. */
const KEEP_NOTHING = { removeOnComplete: true, removeOnFail: true } as const

export function openJobQueue(place: QueuePlace, name: QueueName): JobQueue {
  const queue = new Queue(name, {
    prefix: prefixOf(place),
    // While Redis is away there is nothing to wait for: whoever sweeps adds it again
    connection: {
      ...{ url: place.redisUrl, enableOfflineQueue: false, maxRetriesPerRequest: null },
      // What was on its way when it went would be waited for until it is back
      commandTimeout: ANSWER_LIMIT,
    },
    defaultJobOptions: KEEP_NOTHING,
  })
  queue.on('error', () => undefined)
  const addLists: JobQueue['addLists'] = async (lists) => {
    if (lists.length === 0) return
    await queue.addBulk(lists.map(({ id, names }) => ({ name, data: names, opts: { jobId: id } })))
  }
  return {
    add: (ids) => addLists(ids.map((id) => ({ id, names: [] }))),
    addLists,
    waiting: () => queue.getWaitingCount(),
    async repeat(job, every) {
      await queue.upsertJobScheduler(job, { every }, { name: job })
    },
    close: () => queue.close(),
  }
}

/** `process` is told the id of a job, its name and the names it tells of; what it throws is its own to log. */
export function startJobWorker(
  place: QueuePlace,
  name: QueueName,
  process: (id: string, job: string, names: readonly string[]) => Promise<void>,
  concurrency: number,
): JobWorker {
  const worker = new Worker(name, ({ id = '', name: job, data }) => process(id, job, namesIn(data)), {
    prefix: prefixOf(place),
    connection: { url: place.redisUrl, maxRetriesPerRequest: null },
    concurrency,
    ...KEEP,
  })
  worker.on('error', () => undefined)
  return { close: () => worker.close() }
}

function namesIn(data: unknown): readonly string[] {
  return Array.isArray(data) ? (data as readonly string[]) : []
}

const KEEP = { removeOnComplete: { count: 0 }, removeOnFail: { count: 0 } }

export function prefixOf({ database }: QueuePlace): string {
  return `isthmus-${database}`
}
