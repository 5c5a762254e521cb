/**
 * Works on exports and imports, and sees to it that each ends: whatever Redis forgot, or whoever was killed, a job that is
 * open and that nobody works on is put into the queue again; what is over is removed with its files.
 */
import type { Files } from '../files/files.ts'
import { removeFolder } from '../files/files.ts'
import { GatewayError } from '../kernel/errors.ts'
import type { Limits } from '../kernel/limits.ts'
import type { Logger } from '../kernel/logger.ts'
import { steadily } from '../kernel/steadily.ts'
import { isOwnerDead, ownerName } from '../store/owner.ts'
import type { JobQueue, JobWorker, QueuePlace } from '../queue/job-queue.ts'
import { openJobQueue, startJobWorker } from '../queue/job-queue.ts'
import type { Store } from '../store/collections.ts'
import type { ExportJob, ImportJob, JobDocument } from '../store/job-documents.ts'
import {
  JobLostError,
  claimJob,
  deleteJob,
  endJob,
  expiredJobs,
  releaseClaim,
  renewClaim,
  saveFindings,
  saveProgress,
  waitingJobs,
} from '../store/jobs.ts'
import type { Claim, Claimant } from '../store/jobs.ts'
import type { ExportKeeper, ExportRules, Steps } from './bulk-export.ts'
import { runExport } from './bulk-export.ts'
import type { ImportRules } from './bulk-import.ts'
import { runImport } from './bulk-import.ts'

export interface BulkParts {
  readonly store: Store
  readonly files: Files
  /** what imports may read beside what they were sent */
  readonly imports: Files | undefined
  readonly place: QueuePlace
  readonly exports: ExportRules
  readonly importing: ImportRules
  readonly limits: Limits
  readonly log: Logger
}

const AT_ONCE = 2
const SWEEP = 1_000
const RENEW = 3_000
/** After so many tries that finished nothing, another one would not either. */
const MOST_TRIES = 10
const AGAIN_AND_AGAIN = 'It was tried several times and failed each time; the log of the gateway says why.'

export class BulkWorker {
  readonly #parts: BulkParts
  readonly #stop = new AbortController()
  readonly #me: Claimant = { owner: ownerName(), isDead: isOwnerDead }
  #queue: JobQueue | undefined
  #worker: JobWorker | undefined
  #sweeping: Promise<void> | undefined

  constructor(parts: BulkParts) {
    this.#parts = parts
  }

  start(): void {
    const { place } = this.#parts
    this.#queue = openJobQueue(place, 'bulk')
    this.#worker = startJobWorker(place, 'bulk', (name) => this.#work(name.slice(0, name.lastIndexOf('-'))), AT_ONCE)
    this.#sweeping = this.#sweep(this.#queue)
  }

  /** What is at work stops after the batch in hand, and goes on elsewhere or later. */
  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#sweeping
    await this.#worker?.close()
    await this.#queue?.close()
  }

  /** While MongoDB or Redis is away the next turn tries again. */
  #sweep(queue: JobQueue): Promise<void> {
    const { store, files, log } = this.#parts
    const sweep = async (): Promise<void> => {
      await queue.add((await waitingJobs(store, this.#me)).map(queueName))
      for (const id of await expiredJobs(store)) {
        await removeFolder(files, id)
        await deleteJob(store, id)
      }
    }
    const failed = (error: unknown): void => log.warn({ err: error }, 'jobs cannot be swept at the moment')
    return steadily(sweep, { signal: this.#stop.signal, pause: SWEEP, retry: SWEEP, failed })
  }

  async #work(id: string): Promise<void> {
    const { store, log } = this.#parts
    const job = await claimJob(store, id, this.#me)
    if (!job) return
    const claim = { id, fence: job.fence }
    if (job.tries > MOST_TRIES) {
      await this.#end(claim, { state: 'failed', reason: AGAIN_AND_AGAIN })
      return
    }
    const lost = new AbortController()
    const signal = AbortSignal.any([this.#stop.signal, lost.signal])
    const renewing = setInterval(() => {
      renewClaim(store, claim).catch((error: unknown) => {
        if (error instanceof JobLostError) lost.abort()
      })
    }, RENEW)
    try {
      await this.#run(job, claim, signal)
      await this.#end(claim, { state: 'done' })
    } catch (error) {
      await this.#failed(job, claim, lost.signal.aborted ? new JobLostError() : error).catch((again: unknown) =>
        log.error({ err: again }, 'a job cannot be given back'),
      )
    } finally {
      clearInterval(renewing)
    }
  }

  #run(job: JobDocument, claim: Claim, signal: AbortSignal): Promise<void> {
    return job.kind === 'export' ? this.#export(job, claim, signal) : this.#import(job, claim, signal)
  }

  #export(job: ExportJob, claim: Claim, signal: AbortSignal): Promise<void> {
    const { store, files, exports: rules, limits } = this.#parts
    const keeper: ExportKeeper = {
      findings: (filters) => saveFindings(store, claim, { filters }),
      progress: (steps, written) => saveProgress(store, claim, stepsOf(steps), written),
    }
    return runExport({ store, files, rules, most: limits.bulkFileResources }, job, keeper, signal)
  }

  #import(job: ImportJob, claim: Claim, signal: AbortSignal): Promise<void> {
    const { store, files, imports, importing: rules, limits } = this.#parts
    const parts = { store, files, imports, rules, lineBytes: limits.bodyBytes }
    return runImport(parts, job, (progress) => saveProgress(store, claim, { ...progress }), signal)
  }

  async #end(claim: Claim, end: { readonly state: 'done' | 'failed'; readonly reason?: string }): Promise<void> {
    const { store, limits } = this.#parts
    await endJob(store, claim, { ...end, expires: new Date(Date.now() + 1000 * limits.bulkKeepSeconds) })
  }

  async #failed(job: JobDocument, claim: Claim, error: unknown): Promise<void> {
    const { store, files, log } = this.#parts
    if (error instanceof JobLostError) {
      // Cancelled, or another worker's: that one names its files differently
      const now = await store.jobs.findOne({ _id: claim.id }, { projection: { state: 1 } })
      if (!now || now.state === 'cancelled') await removeFolder(files, claim.id)
    } else if (error instanceof GatewayError && error.status < 500) {
      await this.#end(claim, { state: 'failed', reason: error.message })
    } else if (this.#stop.signal.aborted) {
      await releaseClaim(store, claim)
    } else {
      log.error({ err: error, attempt: job.tries }, 'a bulk job failed and is tried again')
      await releaseClaim(store, claim, RETRY * job.tries)
    }
  }
}

const RETRY = 500

function stepsOf(steps: Steps): Record<string, unknown> {
  return Object.fromEntries(Object.entries(steps).map(([type, step]) => [`steps.${type}`, step]))
}

/** Each try has a name of its own: the queue may still hold that of one that was killed. */
export function queueName({ id, fence }: Claim): string {
  return `${id}-${fence}`
}
