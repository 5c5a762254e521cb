/** Which resources an export has, and what of them: the workers ask it, since searches are the FHIR API's business. */
import type { Limits } from '../../kernel/limits.ts'
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

/** What `_typeFilter` asks, by type. */
export async function exportFilters(parts: RuleParts, job: ExportJob): Promise<Record<string, Filter>> {
  const filters: Record<string, Filter> = {}
  for (const [type, searches] of Object.entries(job.wish.searches)) {
    filters[type] = await searchFilter(parts, job, type, searches)
  }
  return filters
}

async function searchFilter(
  { reader, limits }: RuleParts,
  { permit, by, base, created }: ExportJob,
  type: string,
  searches: readonly string[],
): Promise<Filter> {
  const request = exportRequest(base, { permit, by }, limits)
  const context = { permit, by, limits, request, reader: reader.within(request.deadline), now: created.getTime() }
  const filters: Filter[] = []
  for (const query of searches) filters.push(await scopeFilter(context, searchOf(context, base, type, query)))
  return { $or: filters }
}

/** A resource as it is sent: whole, or the elements that were asked for, tagged. */
export function exportLine({ wish, base }: ExportJob, type: string): (body: string) => string {
  const elements = [...(wish.elements['*'] ?? []), ...(wish.elements[type] ?? [])]
  const whole = withAddresses(base, type)
  if (elements.length === 0) return whole
  return (body) => whole(subsetText(Buffer.from(body), { summary: 'false', elements }).toString())
}

const FILE = '"url":"Binary/'

/**
 * Attachments have absolute addresses (https://hl7.org/fhir/uv/bulkdata/STU2/export.html#attachments). Inside of a text
 * the quotes would be escaped; of a Bundle the same member is something else.
 */
function withAddresses(base: string, type: string): (body: string) => string {
  if (base === '' || type === 'Bundle') return (body) => body
  return (body) => (body.includes(FILE) ? body.replaceAll(FILE, () => `"url":"${base}/Binary/`) : body)
}
