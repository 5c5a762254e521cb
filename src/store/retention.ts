/** Patients of sources that keep records for a time, and when they were seen last. */
import { uriKey } from '../r4/keys/text.ts'
import type { Store } from './collections.ts'
import type { ResourceDocument } from './documents.ts'

export type KeptPatient = Pick<ResourceDocument, '_id' | 'deleted' | 'u' | 'origin'>

export interface PatientsOf {
  readonly tenant: string
  /** `hms/patient` */
  readonly mappings: readonly string[]
  /** databases */
  readonly instances: readonly string[]
}

/** Those that are deleted too, in the order of their ids. */
export function pageOfPatients(
  { resources }: Store,
  { tenant, mappings, instances }: PatientsOf,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<KeptPatient[]> {
  const of = { 'origin.mapping': { $in: [...mappings] }, 'origin.instance': { $in: [...instances] } }
  const start = `${tenant}/Patient/`
  const filter = { _id: { $gt: after > start ? after : start, $lt: `${tenant}/Patient0` }, ...of }
  const projection = { deleted: 1, u: 1, origin: 1 }
  return resources.find(filter, { projection }).sort({ _id: 1 }).limit(limit).toArray()
}

/** Of these those of whom anything is known: what was deleted before it was ever seen, or is erased, has a tombstone at most. */
export async function knownOf({ versions }: Store, patients: readonly string[]): Promise<Set<string>> {
  if (patients.length === 0) return new Set()
  const ranges = patients.map((id) => ({ _id: { $gte: `${id}/`, $lt: `${id}0` }, body: { $ne: '' } }))
  const found = await versions.find({ $or: ranges }, { projection: { _id: 1 } }).toArray()
  return new Set(found.map(({ _id }) => _id.slice(0, _id.lastIndexOf('/'))))
}

/** What tells of visits: resources of a mapping, and the search parameter that says when. */
export interface Visits {
  readonly mapping: string
  readonly type: string
  readonly parameter: string
}

/** The latest of each patient (`hms-17`), where there is one. */
export async function lastVisits(
  { resources }: Store,
  tenant: string,
  patients: readonly string[],
  visits: readonly Visits[],
): Promise<Map<string, Date>> {
  const byKey = new Map(patients.map((id) => [uriKey('patient', `Patient/${id}`), id]))
  const last = new Map<string, Date>()
  for (const { mapping, type, parameter } of visits) {
    const filter = { tt: `${tenant}/${type}`, k: { $in: [...byKey.keys()] }, deleted: false, 'origin.mapping': mapping }
    const projection = { k: 1, [`o.${parameter}`]: 1, [`o.-${parameter}`]: 1 }
    for await (const { k, o } of resources.find(filter, { projection })) {
      const at = o[`-${parameter}`] ?? o[parameter]
      if (!(at instanceof Date)) continue
      for (const id of k.flatMap((key) => byKey.get(key) ?? [])) if (at > (last.get(id) ?? 0)) last.set(id, at)
    }
  }
  return last
}
