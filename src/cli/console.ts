/** What people who run the gateway look at, put together. */
import type { QueuesOptions } from '../console/queues.ts'
import { QUEUES_PATH, queuesConsole } from '../console/queues.ts'
import type { OtherApi } from '../http/app.ts'
import { openBoard } from '../queue/board.ts'
import type { Store } from '../store/collections.ts'

const QUEUES = ['bulk', 'owed', 'regular', 'subscriptions']

export function queuesConsoleFor(
  { redisUrl, store }: { readonly redisUrl: string; readonly store: Store },
  options: Omit<QueuesOptions, 'board'>,
): OtherApi & { close(): Promise<void> } {
  const board = openBoard({ redisUrl, database: store.db.databaseName }, QUEUES, QUEUES_PATH)
  return { ...queuesConsole({ ...options, board }), close: () => board.close() }
}
