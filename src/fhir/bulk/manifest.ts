/** What came of a job, as its status says it (https://hl7.org/fhir/uv/bulkdata/STU2/export.html#response---complete-status). */
import { hash } from 'node:crypto'
import { outcomeText } from '../../http/outcome.ts'
import type { ExportFile, ExportJob, ImportJob } from '../../store/job-documents.ts'

const REPORT = 'refused.ndjson'
const LEFT_OUT = 'left-out.ndjson'

export function exportManifest(job: ExportJob, requiresAccessToken: boolean): object {
  const entriesOf = (kind: ExportFile['kind']): object[] =>
    job.files.filter((file) => file.kind === kind).map((file) => entryOf(job, file))
  return {
    transactionTime: job.created.toISOString(),
    request: job.request,
    requiresAccessToken,
    output: entriesOf('output'),
    ...(job.wish.since && { deleted: entriesOf('deleted') }),
    error: leftOutEntries(job),
  }
}

/** What lenient handling left out of the request: warnings, a line each. */
export function leftOutText({ wish }: ExportJob): string {
  const lines = (wish.ignored ?? []).map((diagnostics) =>
    outcomeText({ severity: 'warning', code: 'not-supported', diagnostics }),
  )
  return lines.map((line) => `${line}\n`).join('')
}

function leftOutEntries(job: ExportJob): object[] {
  const count = job.wish.ignored?.length ?? 0
  if (count === 0) return []
  const text = leftOutText(job)
  const extension = { bytes: Buffer.byteLength(text), sha256: hash('sha256', text) }
  return [{ type: 'OperationOutcome', url: addressOf(job, LEFT_OUT), count, extension }]
}

/** `bytes` and `sha256` are of the lines as they are after unpacking. */
function entryOf(job: ExportJob, { type, name, count, bytes, sha256 }: ExportFile): object {
  return { type, url: addressOf(job, name), count, extension: { bytes, sha256 } }
}

/** In the shape of an export's: nothing comes out but what was refused. */
export function importManifest(job: ImportJob, requiresAccessToken: boolean): object {
  const { counts } = job
  const report = { type: 'OperationOutcome', url: addressOf(job, REPORT), count: counts.refused }
  return {
    transactionTime: job.created.toISOString(),
    request: job.request,
    requiresAccessToken,
    output: [],
    error: counts.refused > 0 ? [report] : [],
    extension: { counts },
  }
}

/** Below 100 characters (X-Progress). */
export function progressOf(job: ExportJob | ImportJob): string {
  if (job.kind === 'import') {
    const { created, updated, unchanged, refused } = job.counts
    return `${created + updated + unchanged} lines taken, ${refused} refused`
  }
  const steps = Object.values(job.steps)
  const count = steps.reduce((sum, step) => sum + step.count, 0)
  const [done, all] = [steps.filter((step) => step.done).length, job.wish.types.length]
  // Clients show the number it begins with as a percentage
  return `${Math.floor((100 * done) / Math.max(all, 1))}%: ${done} of ${all} types, ${count} resources`
}

export function isReport(name: string): boolean {
  return name === REPORT
}

export function isLeftOut(name: string): boolean {
  return name === LEFT_OUT
}

function addressOf({ base, _id }: ExportJob | ImportJob, name: string): string {
  return `${base}/$bulk-file/${_id}/${name}`
}
