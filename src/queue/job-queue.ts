/**
 * The queue that tells workers of jobs (BullMQ). It holds names only: what a job is stands in MongoDB, so a Redis that is
 * emptied, or away for a while, loses nothing. A name that is there already is not added again.
 */
import { Queue, Worker } from 'bullmq'

export interface JobQueue {
  /** `id` has no `:` and is no number. */
  add(id: string): Promise<void>
  close(): Promise<void>
}

export interface JobWorker {
  /** Waits for what is at work. */
  close(): Promise<void>
}

export interface QueuePlace {
  readonly redisUrl: string
  /** of this gateway: several may share a Redis */
  readonly database: string
}

const NAME = 'bulk'
/** What went wrong is known to MongoDB, and what is done is nobody's business. */
const KEEP_NOTHING = { removeOnComplete: true, removeOnFail: true } as const

export function openJobQueue(place: QueuePlace): JobQueue {
  const queue = new Queue(NAME, {
    prefix: prefixOf(place),
    // While Redis is away there is nothing to wait for: whoever sweeps adds it again
    connection: { url: place.redisUrl, enableOfflineQueue: false, maxRetriesPerRequest: null },
    defaultJobOptions: KEEP_NOTHING,
  })
  queue.on('error', () => undefined)
  return {
    async add(id) {
      await queue.add(NAME, {}, { jobId: id })
    },
    close: () => queue.close(),
  }
}

/** `process` is told the name of a job; what it throws is its own to log. */
export function startJobWorker(
  place: QueuePlace,
  process: (id: string) => Promise<void>,
  concurrency: number,
): JobWorker {
  const worker = new Worker(NAME, ({ id = '' }) => process(id), {
    prefix: prefixOf(place),
    connection: { url: place.redisUrl, maxRetriesPerRequest: null },
    concurrency,
    ...KEEP,
  })
  worker.on('error', () => undefined)
  return { close: () => worker.close() }
}

const KEEP = { removeOnComplete: { count: 0 }, removeOnFail: { count: 0 } }

export function prefixOf({ database }: QueuePlace): string {
  return `isthmus-${database}`
}
