/** What came of a job, as its status says it (https://hl7.org/fhir/uv/bulkdata/STU2/export.html#response---complete-status). */
import type { ExportFile, ExportJob, ImportJob } from '../../store/job-documents.ts'

const REPORT = 'refused.ndjson'

export function exportManifest(job: ExportJob, requiresAccessToken: boolean): object {
  const entriesOf = (kind: ExportFile['kind']): object[] =>
    job.files.filter((file) => file.kind === kind).map((file) => entryOf(job, file))
  return {
    transactionTime: job.created.toISOString(),
    request: job.request,
    requiresAccessToken,
    output: entriesOf('output'),
    ...(job.wish.since && { deleted: entriesOf('deleted') }),
    error: [],
  }
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
  return `${steps.filter(({ done }) => done).length} of ${job.wish.types.length} types, ${count} resources`
}

export function isReport(name: string): boolean {
  return name === REPORT
}

function addressOf({ base, _id }: ExportJob | ImportJob, name: string): string {
  return `${base}/$bulk-file/${_id}/${name}`
}
