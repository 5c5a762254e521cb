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
import { LATE, isOn, sourcesWith } from './kind.ts'
import { jobRows, momentOf } from './row-columns.ts'

export interface Happened {
  /** as it is now */
  readonly resource: PlainResource
  readonly after: PlainVersion
  /** undefined: it was made */
  readonly before: PlainVersion | undefined
}

/** Jobs that tell what happened. */
type Job = 'appointment-changes' | 'report-ready' | 'documents-requested'

/** Of the resources whose job is on, what is news of them. */
export async function newsOf(
  parts: KindParts,
  job: Job,
  { tenant, changes }: { readonly tenant: string; readonly changes: readonly Change[] },
  session: ClientSession,
): Promise<Happened[]> {
  const plan = parts.plan()
  if (sourcesWith(plan, job).length === 0) return []
  const happened = await happenedOf(parts.store, tenant, changes, session)
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
  const isLate = ({ resource, after }: Happened): boolean => {
    const time = times.get(resource._id)
    return time === undefined || after.u.getTime() - time > LATE
  }
  const there = await rowsThere(store, made.filter(isLate))
  return new Set(made.filter((each) => there.has(each) || !isLate(each)))
}

/** Of which the row gave others before: what a change of the mappings makes of a row that was there is no news. */
async function rowsThere(store: Store, made: readonly Happened[]): Promise<Set<Happened>> {
  const placeOf = ({ resource: { origin } }: Happened): string =>
    origin ? collectionKey(origin.instance, origin.collection) : ''
  const rowOf = ({ resource: { origin } }: Happened): string => origin?.row ?? ''
  const ended = await backfilledAt(store, [...new Set(made.map(placeOf))])
  const later = made.filter((each) => each.after.u > (ended.get(placeOf(each)) ?? each.after.u))
  const rows = await readRowDocuments(store, [...new Set(later.map(rowOf))], undefined)
  const given = new Map(rows.map(({ _id, resources }) => [_id, resources]))
  const others = (each: Happened): readonly string[] =>
    (given.get(rowOf(each)) ?? []).filter((id) => id !== each.resource._id)
  const seen = await firstSeen(store, later.flatMap(others))
  return new Set(later.filter((each) => others(each).some((id) => (seen.get(id) ?? each.after.u) < each.after.u)))
}
