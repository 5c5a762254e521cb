/** What people who run the gateway look at, put together when somebody looks: few do, and it is much to load. */
import type { QueuesOptions } from '../console/queues.ts'
import { QUEUES_PATH, queuesConsole } from '../console/queues.ts'
import type { OtherApi } from '../http/app.ts'
import type { Board } from '../queue/board.ts'
import type { Store } from '../store/collections.ts'

const QUEUES = ['bulk', 'owed', 'regular', 'subscriptions']

export function queuesConsoleFor(
  { redisUrl, store }: { readonly redisUrl: string; readonly store: Store },
  options: Omit<QueuesOptions, 'board'>,
): OtherApi & { close(): Promise<void> } {
  const place = { redisUrl, database: store.db.databaseName }
  let opened: Promise<Board> | undefined = undefined
  const open = async (): Promise<Board> => (await import('../queue/board.ts')).openBoard(place, QUEUES, QUEUES_PATH)
  const board: Board = {
    answer: async (request) => (await (opened ??= open())).answer(request),
    close: async () => (await opened)?.close(),
  }
  return { ...queuesConsole({ ...options, board }), close: () => board.close() }
}
