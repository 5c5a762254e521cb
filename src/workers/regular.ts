/**
 * Work that is done every so often, by one of the programs (BullMQ's job schedulers). What is to be done, and how often, is
 * said again and again: a Redis that was emptied knows it soon.
 */
import type { Logger } from '../kernel/logger.ts'
import { steadily } from '../kernel/steadily.ts'
import type { JobQueue, JobWorker, QueuePlace } from '../queue/job-queue.ts'
import { openJobQueue, startJobWorker } from '../queue/job-queue.ts'

export interface RegularTask {
  readonly name: string
  readonly everyMilliseconds: number
  run(): Promise<void>
}

const SAID_AGAIN = 15_000
const RETRY = 1_000

export class Regular {
  readonly #place: QueuePlace
  readonly #tasks: readonly RegularTask[]
  readonly #log: Logger
  readonly #stopping = new AbortController()
  #queue: JobQueue | undefined
  #worker: JobWorker | undefined
  #saying: Promise<void> | undefined

  constructor(place: QueuePlace, tasks: readonly RegularTask[], log: Logger) {
    this.#place = place
    this.#tasks = tasks
    this.#log = log
  }

  start(): void {
    const queue = openJobQueue(this.#place, 'regular')
    this.#queue = queue
    this.#worker = startJobWorker(this.#place, 'regular', (_id, name) => this.#run(name), 1)
    const say = async (): Promise<void> => {
      for (const { name, everyMilliseconds } of this.#tasks) await queue.repeat(name, everyMilliseconds)
    }
    const failed = (error: unknown): void =>
      this.#log.warn({ err: error }, 'regular work cannot be planned at the moment')
    this.#saying = steadily(say, { signal: this.#stopping.signal, pause: SAID_AGAIN, retry: RETRY, failed })
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#saying
    await this.#worker?.close()
    await this.#queue?.close()
  }

  async #run(name: string): Promise<void> {
    try {
      await this.#tasks.find((task) => task.name === name)?.run()
    } catch (error) {
      this.#log.error({ err: error, task: name }, 'regular work failed; its next turn tries again')
    }
  }
}
