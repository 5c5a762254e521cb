/** The rows that give resources: what their columns say, and changes of them that follow from a message. */
import { keyText } from '../../mapping/identity.ts'
import type { JobName, JobOf } from '../../mapping/jobs.ts'
import { jobOf } from '../../mapping/jobs.ts'
import type { Row } from '../../mapping/lens.ts'
import { stamp, stamped } from '../../mapping/stamp.ts'
import type { RowChange } from '../../projection/operation.ts'
import type { CollectionPlan } from '../../projection/plan.ts'
import { gatheredNow } from '../../store/gathered.ts'
import { rowsOf } from '../../store/mapped-rows.ts'
import type { PlainResource } from '../../store/plain-reads.ts'
import type { KindParts } from './kind.ts'
import { placeWith } from './kind.ts'

/** A row, and what its source says of the job. */
export interface JobRow<Name extends JobName> {
  readonly resource: PlainResource
  readonly place: CollectionPlan
  readonly job: JobOf[Name]
  readonly row: Row
}

/** Of the resources whose job is on and whose rows are there. */
export async function jobRows<Name extends JobName>(
  { store, plan }: KindParts,
  name: Name,
  resources: readonly PlainResource[],
): Promise<JobRow<Name>[]> {
  const inUse = plan()
  const found: JobRow<Name>[] = []
  const places = Map.groupBy(resources, (each) => (each.deleted ? undefined : placeWith(inUse, each, name)))
  for (const [place, own] of places) {
    if (!place) continue
    const rows = await rowsOf(store, place, own)
    for (const resource of own) {
      const job = jobOf(place.source.system.jobs, name, resource.origin?.mapping ?? '')
      const row = rows.get(resource.origin?.row ?? '')
      if (row && job) found.push({ resource, place, job, row })
    }
  }
  return found
}

/** The same for one at a time; undefined where its job is off or its row is not there. */
export function jobRowReader<Name extends JobName>(
  parts: KindParts,
  name: Name,
): (resource: PlainResource) => Promise<JobRow<Name> | undefined> {
  return gatheredNow(async (resources) => {
    const rows = await jobRows(parts, name, resources)
    const byId = new Map(rows.map((each) => [each.resource._id, each]))
    return resources.map(({ _id }) => byId.get(_id))
  })
}

/** Columns to be set; what stands there is told, so that the form of it is kept. */
export function rowChange(
  { place, job, row }: Pick<JobRow<JobName>, 'place' | 'job' | 'row'>,
  set: (now: Row) => Readonly<Record<string, unknown>>,
): RowChange {
  const key = place.key.map((column) => keyText(row[column]))
  const edit = (now: Row | undefined): Row | undefined => now && { ...now, ...set(now) }
  return { mapping: job.mapping, instance: place.instance, key, follows: true, edit }
}

/** A moment in the form that the column has, or its system. */
export function momentIn({ source }: CollectionPlan, before: unknown, at: Date): unknown {
  return stamp(at, before, source.system, source.timeZone)
}

/** A count in the form that the column has. */
export function countIn(before: unknown, count: number): unknown {
  return typeof before === 'string' ? String(count) : count
}

/** '' where it is empty. */
export function textIn(row: Row, column: string): string {
  const value = row[column]
  return value === null || value === undefined ? '' : keyText(value)
}

/** Of the first of these columns that has a value; undefined where it is no time. */
export function momentOf({ place, row }: Pick<JobRow<JobName>, 'place' | 'row'>, columns: readonly string[]) {
  const column = columns.find((each) => textIn(row, each) !== '')
  return column === undefined ? undefined : stamped(row[column], place.source.system, place.source.timeZone)
}
