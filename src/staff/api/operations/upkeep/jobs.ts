/** Exports and imports of everybody in the tenant: how far they are, and ending one. Its files stay with who asked for it. */
import { GatewayError } from '../../../../kernel/errors.ts'
import type { JobDocument } from '../../../../store/job-documents.ts'
import { cancelOpenJob, jobIn, listJobs as readJobs } from '../../../../store/jobs.ts'
import type { Store } from '../../../../store/collections.ts'
import { actOf } from '../../on-record.ts'
import type { ApiOperation, ApiRequest } from '../../operation.ts'
import { ok } from '../../operation.ts'

interface Query {
  readonly kind?: JobDocument['kind']
  readonly state?: keyof typeof STATES
  readonly limit?: number
  readonly cursor?: string
}

const STATES = {
  running: 'open',
  receiving: 'receiving',
  done: 'done',
  failed: 'failed',
  cancelled: 'cancelled',
} as const
const words = new Map(Object.entries(STATES).map(([word, state]) => [state as string, word]))

export const listJobs: ApiOperation = {
  async handle(request, { store }) {
    const { kind, state, limit = 20, cursor } = request.query as Query
    const before = cursor === undefined ? undefined : await jobAt(request, store, cursor)
    const found = await readJobs(store, request.tenant, {
      ...(kind && { kind }),
      ...(state && { state: STATES[state] }),
      ...(before && { before: { created: before.created, id: before._id } }),
      limit: limit + 1,
    })
    const shown = found.slice(0, limit)
    const last = found.length > limit ? shown.at(-1) : undefined
    return ok({ items: shown.map(viewOf), ...(last && { cursor: last._id }) })
  },
}

export const getJob: ApiOperation = {
  async handle(request, { store }) {
    return ok(viewOf(await jobAt(request, store, request.path['id'] ?? '')))
  },
}

export const cancelJob: ApiOperation = {
  async handle(request, { store }) {
    const job = await jobAt(request, store, request.path['id'] ?? '')
    const event = actOf(request, { kind: 'job', action: 'D', query: `cancelled: ${job.kind} ${job._id}` })
    if (!(await cancelOpenJob(store, job._id, event))) {
      throw new GatewayError('GW_CONFLICT', 'It is over already: what is done is removed by itself after some time.')
    }
    return ok(viewOf(await jobAt(request, store, job._id)))
  },
}

async function jobAt({ tenant }: ApiRequest, store: Store, id: string): Promise<JobDocument> {
  const job = await jobIn(store, tenant, id)
  if (job) return job
  throw new GatewayError('GW_NOT_FOUND', 'There is no such job (any more): GET /api/jobs lists them.')
}

function viewOf(job: JobDocument): object {
  const { _id: id, kind, by, created, state, reason, expires } = job
  return {
    ...{ id, kind, by, created: created.toISOString(), state: words.get(state) ?? state },
    progress: progressOf(job),
    ...(reason !== undefined && { reason }),
    ...(expires && { expires: expires.toISOString() }),
  }
}

/** What is counted of each kind. */
function progressOf(job: JobDocument): object {
  if (job.kind === 'import') return { files: job.inputs.length, filesDone: job.input, ...job.counts }
  const steps = Object.values(job.steps)
  return {
    types: job.wish.types.length,
    typesDone: steps.filter(({ done }) => done).length,
    resources: steps.reduce((sum, { count }) => sum + count, 0),
  }
}
