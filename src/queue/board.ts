/** Bull Board: the queues to look at, in a browser. It shows; what is to be done again is said to MongoDB, not to Redis. */
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { createBullBoard } from '@bull-board/api'
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter'
import { HonoAdapter } from '@bull-board/hono'
import { Queue } from 'bullmq'
import { Hono } from 'hono'
import { serveStatic } from 'hono/serve-static'
import type { QueuePlace } from './job-queue.ts'
import { prefixOf } from './job-queue.ts'

interface Static {
  readonly root?: string
  readonly rewriteRequestPath?: (path: string) => string
}

export interface Board {
  answer(request: Request): Promise<Response>
  close(): Promise<void>
}

/** `path`: where it is mounted. */
export function openBoard(place: QueuePlace, names: readonly string[], path: string): Board {
  const connection = { url: place.redisUrl, enableOfflineQueue: false, maxRetriesPerRequest: null }
  const queues = names.map((name) => new Queue(name, { prefix: prefixOf(place), connection }))
  for (const queue of queues) queue.on('error', () => undefined)
  const adapter = new HonoAdapter(({ root, rewriteRequestPath }: Static) =>
    serveStatic({
      root: resolve(root ?? '.'),
      ...(rewriteRequestPath && { rewriteRequestPath }),
      getContent: (file) => readFile(file).catch(() => null),
    }),
  )
  const shown = queues.map((queue) => new BullMQAdapter(queue, { readOnlyMode: true }))
  createBullBoard({ queues: shown, serverAdapter: adapter.setBasePath(path), options: { uiConfig: UI } })
  const board = new Hono().route(path, adapter.registerPlugin())
  return {
    answer: async (request) => board.fetch(request),
    async close() {
      for (const queue of queues) await queue.close()
    },
  }
}

const UI = { boardTitle: 'Isthmus: queues', hideRedisDetails: true }
