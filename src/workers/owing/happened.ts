/**
 * What became of resources: each version beside the one it follows. What was there before the gateway looked is no news,
 * whenever it is read for the first time.
 */
import type { ClientSession } from 'mongodb'
import { everythingOf } from '../../access/permit.ts'
import { backfilledAt } from '../../store/backfills.ts'
import type { Store } from '../../store/collections.ts'
import { firstSeen } from '../../store/mapped-rows.ts'
import type { Change } from '../../store/outbox.ts'
import type { PlainResource, PlainVersion } from '../../store/plain-reads.ts'
import { readPlain, readPlainVersions } from '../../store/plain-reads.ts'
import { readRowDocuments } from '../../store/projected.ts'
import { collectionKey } from '../../store/row-id.ts'
import { versionKey } from '../../store/version-id.ts'
import type { KindParts } from './kind.ts'
import { LATE, isOn } from './kind.ts'
import { jobRows, momentOf } from './row-columns.ts'

export interface Happened {
  /** as it is now */
  readonly resource: PlainResource
  readonly after: PlainVersion
  /** undefined: it was made */
  readonly before: PlainVersion | undefined
}

/** Jobs that tell what happened. */
type Job = 'appointment-changes' | 'report-ready'

/** Of the resources whose job is on, what is news of them. */
export async function newsOf(
  parts: KindParts,
  job: Job,
  { tenant, changes }: { readonly tenant: string; readonly changes: readonly Change[] },
  session: ClientSession,
): Promise<Happened[]> {
  const happened = await happenedOf(parts.store, tenant, changes, session)
  const plan = parts.plan()
  const own = happened.filter(({ resource }) => isOn(plan, resource, job))
  const isNew = await newOnes(
    parts,
    job,
    own.filter(({ before, after }) => !before && after.by === undefined),
  )
  return own.filter((each) => each.before !== undefined || each.after.by !== undefined || isNew.has(each))
}

/** Versions that were deletions, and resources that are not there any more, are left out. */
export async function happenedOf(
  store: Store,
  tenant: string,
  changes: readonly Change[],
  session?: ClientSession,
): Promise<Happened[]> {
  const names = changes.flatMap(({ id, v }) => [versionKey(id, v - 1), versionKey(id, v)])
  const versions = await readPlainVersions(store, tenant, names, session)
  const ids = [...new Set(changes.map(({ id }) => id))]
  const resources = await readPlain(store, everythingOf(tenant), ids, session)
  const byId = new Map(resources.map((each) => [each._id, each]))
  return changes.flatMap(({ id, v }) => {
    const [after, before] = [versions.get(versionKey(id, v)), versions.get(versionKey(id, v - 1))]
    const resource = byId.get(id)
    if (!after || after.method === 'DELETE' || !resource || resource.deleted) return []
    return [{ resource, after, before: before?.method === 'DELETE' ? undefined : before }]
  })
}

/** Of what its source made: rows that were made lately, and rows that were there before they gave this. */
async function newOnes(parts: KindParts, job: Job, made: readonly Happened[]): Promise<Set<Happened>> {
  const { store } = parts
  const rows = await jobRows(
    parts,
    job,
    made.map(({ resource }) => resource),
  )
  const times = new Map(rows.map((each) => [each.resource._id, momentOf(each, [each.job.made])]))
  const isNew = new Set<Happened>()
  for (const each of made) {
    const time = times.get(each.resource._id)
    const isLate = time === undefined || each.after.u.getTime() - time > LATE
    if (!isLate || (await wasRowThere(store, each))) isNew.add(each)
  }
  return isNew
}

/** What a change of the mappings makes of a row that was there is no news. */
async function wasRowThere(store: Store, { resource: { origin, _id }, after }: Happened): Promise<boolean> {
  if (!origin) return false
  const done = await backfilledAt(store, collectionKey(origin.instance, origin.collection))
  if (!done || after.u <= done) return false
  const [row] = await readRowDocuments(store, [origin.row], undefined)
  const others = row?.resources.filter((each) => each !== _id) ?? []
  const seen = await firstSeen(store, others)
  return [...seen.values()].some((time) => time < after.u)
}
