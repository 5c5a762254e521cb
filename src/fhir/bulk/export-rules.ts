/** Which resources an export has, and what of them: the workers ask it, since searches are the FHIR API's business. */
import type { Limits } from '../../kernel/limits.ts'
import { compartmentParameters } from '../../r4/compartments.ts'
import { uriKey } from '../../r4/keys/text.ts'
import type { ExportJob } from '../../store/job-documents.ts'
import type { ResourceReader } from '../../store/resource-reader.ts'
import type { Filter } from '../search/lookup.ts'
import { scopeFilter } from '../search/scope-filter.ts'
import { subsetText } from '../search/subset.ts'
import { exportRequest, searchOf } from './export-search.ts'

export interface RuleParts {
  readonly reader: ResourceReader
  readonly limits: Limits
}

/** By type; types that are not in it are exported whole. */
export async function exportFilters(parts: RuleParts, job: ExportJob): Promise<Record<string, Filter>> {
  const { types, searches, patients } = job.wish
  const filters: Record<string, Filter> = {}
  for (const type of types) {
    const asked = await searchFilter(parts, job, type, searches[type] ?? [])
    const member = patients && patientFilter(job, type, patients)
    const both = [asked, member].filter((each) => each !== undefined)
    if (both.length > 0) filters[type] = both.length === 1 ? (both[0] as Filter) : { $and: both }
  }
  return filters
}

async function searchFilter(
  { reader, limits }: RuleParts,
  { permit, base, created }: ExportJob,
  type: string,
  searches: readonly string[],
): Promise<Filter | undefined> {
  const request = exportRequest(base, permit.tenant, limits)
  const context = { permit, limits, request, reader: reader.within(request.deadline), now: created.getTime() }
  const filters: Filter[] = []
  for (const query of searches) filters.push(await scopeFilter(context, searchOf(context, base, type, query)))
  const [first, ...others] = filters
  return others.length === 0 ? first : { $or: filters }
}

/** The compartment as CompartmentDefinition says; undefined: all of the type. */
function patientFilter(
  { permit }: ExportJob,
  type: string,
  patients: NonNullable<ExportJob['wish']['patients']>,
): Filter | undefined {
  const codes = compartmentParameters('Patient', type)
  if (patients === 'all') {
    if (type === 'Patient') return undefined
    // `0` comes after `/`
    return {
      $or: codes.map((code) => ({
        k: { $elemMatch: { $gte: uriKey(code, 'Patient/'), $lt: uriKey(code, 'Patient0') } },
      })),
    }
  }
  const k = { $in: codes.flatMap((code) => patients.map((id) => uriKey(code, `Patient/${id}`))) }
  if (type !== 'Patient') return { k }
  return { $or: [{ _id: { $in: patients.map((id) => `${permit.tenant}/Patient/${id}`) } }, { k }] }
}

/** A resource as it is sent: whole, or the elements that were asked for, tagged. */
export function exportLine({ wish }: ExportJob, type: string): (body: string) => string {
  const elements = [...(wish.elements['*'] ?? []), ...(wish.elements[type] ?? [])]
  if (elements.length === 0) return (body) => body
  return (body) => subsetText(Buffer.from(body), { summary: 'false', elements }).toString()
}
