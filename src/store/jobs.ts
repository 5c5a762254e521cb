/**
 * Jobs in MongoDB. Whoever works on one has claimed it: the number of the try is part of every write, so that a worker
 * that was frozen and wakes up, or whose job was cancelled, changes nothing any more.
 */
import type { Filter, UpdateFilter } from 'mongodb'
import { callerName } from '../access/caller-name.ts'
import type { Permit } from '../access/permit.ts'
import type { AuditDocument } from './audit-documents.ts'
import { writeAudit } from './audit.ts'
import type { Store } from './collections.ts'
import type { ImportInput, JobDocument, RefusalDocument } from './job-documents.ts'
import { inTransaction, withSession } from './transaction.ts'

/** A worker that is not heard of for so long is gone. */
const LIFETIME = 15_000

/** One try at a job. */
export interface Claim {
  readonly id: string
  readonly fence: number
}

/** The job is somebody else's now, or was cancelled. */
export class JobLostError extends Error {
  override readonly name = 'JobLostError'

  constructor() {
    super('the job was cancelled, or another worker has taken it over')
  }
}

export interface Claimant {
  readonly owner: string
  /** true when a holder that still has time left cannot be alive */
  readonly isDead: (owner: string) => boolean
}

const OPEN = { $in: ['receiving', 'open'] } as const

/** False, and nothing is kept, when the tenant has `most` open jobs already. */
export async function insertJob({ jobs }: Store, job: JobDocument, most: number): Promise<boolean> {
  await jobs.insertOne(job)
  // Two at once see each other: the earlier ones stay
  const open = await jobs
    .find({ t: job.t, state: OPEN }, { projection: { _id: 1 }, sort: { created: 1, _id: 1 } })
    .limit(most)
    .toArray()
  if (open.some(({ _id }) => _id === job._id)) return true
  await jobs.deleteOne({ _id: job._id })
  return false
}

/** All of it has arrived. False: it took too long. */
export async function openJob({ jobs }: Store, id: string, inputs: readonly ImportInput[]): Promise<boolean> {
  const arrived = { $set: { state: 'open' as const, inputs }, $unset: { expires: true as const } }
  const { matchedCount } = await jobs.updateOne({ _id: id, state: 'receiving' }, arrived)
  return matchedCount > 0
}

/** As who asked for it sees it; a cancelled one is not there. */
export async function findJob(
  { jobs }: Store,
  permit: Permit,
  by: string,
  id: string,
): Promise<JobDocument | undefined> {
  const filter = {
    t: permit.tenant,
    _id: id,
    by,
    state: { $nin: ['receiving', 'cancelled'] },
  } as Filter<JobDocument>
  return (await jobs.findOne(filter)) ?? undefined
}

/** Everybody's in the tenant, newest first: those asked for before that one. */
export function listJobs(
  { jobs }: Store,
  tenant: string,
  { kind, state, before, limit }: JobsQuery,
): Promise<JobDocument[]> {
  const filter = {
    t: tenant,
    state: state ?? { $ne: 'cancelled' },
    ...(kind && { kind }),
    ...(before && {
      $or: [{ created: { $lt: before.created } }, { created: before.created, _id: { $lt: before.id } }],
    }),
  } as Filter<JobDocument>
  // What was asked with it is long, and nobody's business here
  return jobs
    .find(filter, { projection: { permit: 0, filters: 0 } })
    .sort({ created: -1, _id: -1 })
    .limit(limit)
    .toArray()
}

export interface JobsQuery {
  readonly kind?: JobDocument['kind']
  readonly state?: JobDocument['state']
  readonly before?: { readonly created: Date; readonly id: string }
  readonly limit: number
}

/** Undefined: there is none in the tenant. */
export async function jobIn({ jobs }: Store, tenant: string, id: string): Promise<JobDocument | undefined> {
  return (await jobs.findOne({ _id: id, t: tenant })) ?? undefined
}

/** Names of jobs that nobody works on, each with the number of its next try. */
export async function waitingJobs({ jobs }: Store, { isDead }: Claimant): Promise<Claim[]> {
  const open = await jobs.find({ state: 'open' }, { projection: { owner: 1, until: 1, fence: 1 } }).toArray()
  const now = new Date()
  return open
    .filter(({ owner, until }) => until <= now || isDead(owner))
    .map(({ _id, fence }) => ({ id: _id, fence: fence + 1 }))
}

/** Undefined when it is done, cancelled, or somebody works on it. */
export async function claimJob(
  store: Store,
  id: string,
  { owner, isDead }: Claimant,
): Promise<JobDocument | undefined> {
  const job = await store.jobs.findOne({ _id: id, state: 'open' })
  if (!job || (job.until > new Date() && !isDead(job.owner))) return undefined
  const claimed = { $set: { owner, until: inFuture() }, $inc: { fence: 1, tries: 1 } }
  const found = await store.jobs.findOneAndUpdate({ _id: id, state: 'open', fence: job.fence }, claimed, {
    returnDocument: 'after',
  })
  return found ?? undefined
}

/** Still at work. */
export function renewClaim(store: Store, claim: Claim): Promise<void> {
  return writeClaimed(store, claim, { $set: { until: inFuture() } })
}

/** Something is finished: what was tried before counts no more. */
export function saveProgress(
  store: Store,
  claim: Claim,
  set: Readonly<Record<string, unknown>>,
  files: readonly object[] = [],
): Promise<void> {
  const change = {
    $set: { ...set, tries: 0, until: inFuture() },
    ...(files.length > 0 && { $push: { files: { $each: files } } }),
  }
  return writeClaimed(store, claim, change)
}

/** Sets what is found out once, without being progress. */
export function saveFindings(store: Store, claim: Claim, set: Readonly<Record<string, unknown>>): Promise<void> {
  return writeClaimed(store, claim, { $set: set })
}

export function endJob(
  store: Store,
  claim: Claim,
  end: { readonly state: 'done' | 'failed'; readonly expires: Date; readonly reason?: string },
): Promise<void> {
  return writeClaimed(store, claim, { $set: end })
}

/** Anybody may try again, after a while. */
export async function releaseClaim({ jobs }: Store, { id, fence }: Claim, milliseconds = 0): Promise<void> {
  await jobs.updateOne({ _id: id, fence }, { $set: { until: new Date(Date.now() + milliseconds) } })
}

async function writeClaimed({ jobs }: Store, { id, fence }: Claim, change: UpdateFilter<JobDocument>): Promise<void> {
  const { matchedCount } = await jobs.updateOne({ _id: id, fence, state: 'open' }, change)
  if (matchedCount === 0) throw new JobLostError()
}

/** From here on it is not there for anybody; what is left of it is swept when nobody can be at work on it any more. */
export async function cancelJob({ jobs }: Store, id: string): Promise<void> {
  await jobs.updateOne({ _id: id }, cancelled())
}

/** On record with it. False: it is over already. */
export function cancelOpenJob(store: Store, id: string, event: AuditDocument): Promise<boolean> {
  return withSession(store, (session) =>
    inTransaction(session, async () => {
      const { matchedCount } = await store.jobs.updateOne({ _id: id, state: OPEN }, cancelled(), { session })
      if (matchedCount > 0) await writeAudit(store, [event], session)
      return matchedCount > 0
    }),
  )
}

function cancelled(): UpdateFilter<JobDocument> {
  return { $set: { state: 'cancelled', expires: new Date(Date.now() + 4 * LIFETIME) } }
}

/** What was asked for by these, whoever used them: the work of who may not ask any more is not done to its end. */
export async function cancelJobsBy(
  store: Store,
  { account, client }: { readonly account?: string; readonly client?: string },
): Promise<void> {
  const one = (id: string | undefined): string =>
    id === undefined ? '\\S+' : id.replace(/[\\^$.*+?()[\]{}|-]/g, '\\$&')
  const ofUser = callerName(one(client), one(account))
  const by = new RegExp(account === undefined ? `^(${ofUser}|${callerName(one(client))})$` : `^${ofUser}$`)
  await store.jobs.updateMany({ by, state: OPEN }, cancelled())
}

/** What was asked by a grant that is taken back, or by a token that came of none and is revoked. */
export async function cancelJobsOf(
  { jobs }: Store,
  ended: { readonly grant: string } | { readonly token: string },
): Promise<void> {
  await jobs.updateMany({ ...ended, state: OPEN }, cancelled())
}

export async function expiredJobs({ jobs }: Store): Promise<string[]> {
  const found = await jobs
    .find({ state: { $ne: 'open' }, expires: { $lte: new Date() } }, { projection: { _id: 1 } })
    .toArray()
  return found.map(({ _id }) => _id)
}

/** When its files are gone. */
export async function deleteJob({ jobs, refusals }: Store, id: string): Promise<void> {
  await refusals.deleteMany({ job: id })
  await jobs.deleteOne({ _id: id })
}

export async function addRefusals({ refusals }: Store, documents: readonly RefusalDocument[]): Promise<void> {
  if (documents.length === 0) return
  const writes = documents.map(({ _id, ...rest }) => ({
    updateOne: { filter: { _id }, update: { $set: rest }, upsert: true },
  }))
  await refusals.bulkWrite(writes, { ordered: false })
}

/** Line by line, in the order of the input. */
export async function* readRefusals({ refusals }: Store, job: string): AsyncGenerator<string> {
  for await (const { text } of refusals.find({ job }, { sort: { _id: 1 } })) yield `${text}\n`
}

function inFuture(): Date {
  return new Date(Date.now() + LIFETIME)
}
