/**
 * Removes what the gateway's own collections hold of one patient, some at a time: each resource with all of its versions
 * in one transaction that counts it, so that whoever goes on after a kill finds what is left and counts nothing twice.
 */
import type { ClientSession } from 'mongodb'
import { revokeTokens } from './authorization.ts'
import type { Store } from './collections.ts'
import { countErased } from './erasures.ts'
import type { ErasureDocument } from './erasures.ts'
import { deleteFilesOf } from './files.ts'
import { openAnswer } from './kept-answers.ts'
import type { Traces } from './person-traces.ts'
import { inTransaction, withSession } from './transaction.ts'

const AT_ONCE = 20
/** Nobody can be at work any more on a job that was cancelled. */
const JOB_REST = 60_000

export type Counts = Readonly<Record<string, number>>

export async function eraseTraces(
  store: Store,
  erasure: ErasureDocument,
  { resources, versions }: Traces,
): Promise<void> {
  const { _id, t, patient = '' } = erasure
  const counted = (work: (session: ClientSession) => Promise<Counts>): Promise<void> =>
    withSession(store, (session) =>
      inTransaction(session, async () => countErased(store, _id, await work(session), session)),
    )
  // Before what names them
  for (const file of resources.filter((each) => each.includes('/Binary/'))) {
    const count = await deleteFilesOf(store, file)
    await counted(() => Promise.resolve({ files: count }))
  }
  for (let start = 0; start < resources.length; start += AT_ONCE) {
    await counted((session) => eraseResources(store, resources.slice(start, start + AT_ONCE), session))
  }
  for (let start = 0; start < versions.length; start += AT_ONCE) {
    const some = versions.slice(start, start + AT_ONCE)
    await counted(async (session) => ({
      versions: (await store.versions.deleteMany({ _id: { $in: some } }, { session })).deletedCount,
    }))
  }
  const accounts = await store.accounts.find({ t, person: `Patient/${patient}` }).toArray()
  for (const account of accounts) await revokeTokens(store, { account: account._id })
  const answers = await answersNaming(store, t, [patient, ...resources.map((each) => each.slice(t.length + 1))])
  await counted((session) =>
    eraseOthers(store, { t, patient, answers, accounts: accounts.map((each) => each._id) }, session),
  )
  // They only keep two writers apart at one moment, and may spell what was looked for
  await store.guards.deleteMany({})
}

async function eraseResources(store: Store, ids: readonly string[], session: ClientSession): Promise<Counts> {
  const ranges = ids.map((id) => ({ _id: { $gte: `${id}/`, $lt: `${id}0` } }))
  const { deletedCount } = await store.versions.deleteMany({ $or: ranges }, { session })
  await store.resources.deleteMany({ _id: { $in: [...ids] } }, { session })
  const messages = await store.owed.deleteMany({ about: { $in: [...ids] } }, { session })
  await store.parked.updateMany(
    { 'changes.id': { $in: [...ids] } },
    { $pull: { changes: { id: { $in: [...ids] } } } },
    { session },
  )
  const byType = Map.groupBy(ids, (id) => id.split('/')[1] ?? '')
  return {
    ...Object.fromEntries([...byType].map(([type, own]) => [type, own.length])),
    versions: deletedCount,
    messages: messages.deletedCount,
  }
}

interface Others {
  readonly t: string
  readonly patient: string
  readonly answers: readonly string[]
  readonly accounts: readonly string[]
}

async function eraseOthers(store: Store, others: Others, session: ClientSession): Promise<Counts> {
  const { t, patient, answers, accounts } = others
  const within = { session }
  await store.userRoles.deleteMany({ account: { $in: [...accounts] } }, within)
  await store.accounts.updateMany({ t, representing: patient }, { $pull: { representing: patient } }, within)
  // Files of exports go with their jobs
  const cancelled = { state: 'cancelled' as const, expires: new Date(Date.now() + JOB_REST) }
  const jobs = await store.jobs.updateMany({ t, state: { $ne: 'cancelled' } }, { $set: cancelled }, within)
  return {
    jobs: jobs.modifiedCount,
    accounts: (await store.accounts.deleteMany({ _id: { $in: [...accounts] } }, within)).deletedCount,
    invitations: (await store.invitations.deleteMany({ t, person: `Patient/${patient}` }, within)).deletedCount,
    openings: (await store.openings.deleteMany({ t, patient }, within)).deletedCount,
    holds: (await store.holds.deleteMany({ t, patient }, within)).deletedCount,
    choices: (await store.messageChoices.deleteMany({ t, person: `Patient/${patient}` }, within)).deletedCount,
    answers: (await store.keptAnswers.deleteMany({ _id: { $in: [...answers] } }, within)).deletedCount,
  }
}

/** Kept answers are sealed: each is opened, of those of a day. */
async function answersNaming(store: Store, tenant: string, names: readonly string[]): Promise<string[]> {
  const found: string[] = []
  const own = store.keptAnswers.find({ _id: { $gte: `${tenant}/`, $lt: `${tenant}0` } })
  for await (const { _id, answer, written = [] } of own) {
    const body = answer ? openAnswer(store, _id, answer).body : ''
    const isNamed = (name: string): boolean =>
      body.includes(name) || written.some((each) => each.startsWith(`${name}/`))
    if (names.some(isNamed)) found.push(_id)
  }
  return found
}
