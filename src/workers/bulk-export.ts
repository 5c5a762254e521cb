/**
 * The work of an export: type by type, file by file. After each file it is written down how far everything is, together
 * with the file, so that another try begins after the last whole file: no resource twice, none missing.
 */
import { createHash } from 'node:crypto'
import { EJSON } from 'bson'
import type { Filter } from 'mongodb'
import type { Files } from '../files/files.ts'
import type { Store } from '../store/collections.ts'
import type { ResourceDocument } from '../store/documents.ts'
import type { Members } from '../store/export-reader.ts'
import { exportBatches } from '../store/export-reader.ts'
import type { ExportFile, ExportJob, ExportStep } from '../store/job-documents.ts'
import { currentPermit } from '../store/restrictions.ts'
import { untilSettled } from '../store/settled.ts'
import { writePacked, writePart } from './export-part.ts'
import type { Part } from './export-part.ts'

/** What is searched for of each type; types that are not in it are exported whole. */
export type ExportFilters = Readonly<Record<string, Filter<ResourceDocument>>>

/** What the FHIR API knows of an export. */
export interface ExportRules {
  filters(job: ExportJob): Promise<ExportFilters>
  /** whose resources of a type */
  members(job: ExportJob, type: string): Members
  /** a resource as it is sent */
  line(job: ExportJob, type: string): (body: string) => string
}

/** How far the types are. */
export type Steps = Readonly<Record<string, ExportStep>>

/** Where it is kept how far the export is; throws when it is not this worker's any more. */
export interface ExportKeeper {
  findings(filters: Readonly<Record<string, string>>): Promise<void>
  progress(steps: Steps, files: readonly ExportFile[]): Promise<void>
}

export interface ExportParts {
  readonly store: Store
  readonly files: Files
  readonly rules: ExportRules
  /** resources in a file */
  readonly most: number
}

const MOST_HELD = 1_000
const NOT_BEGUN: ExportStep = { after: '', done: false, count: 0 }

export async function runExport(
  parts: ExportParts,
  job: ExportJob,
  keeper: ExportKeeper,
  signal: AbortSignal,
): Promise<void> {
  await untilSettled(parts.store, job.created, signal)
  await removeUnfinished(parts.files, job)
  const filters = await filtersOf(parts, await asJustNow(parts.store, job), keeper)
  const patient = patiently(keeper)
  for (const type of job.wish.types) {
    const step = job.steps[type] ?? NOT_BEGUN
    if (!step.done) await exportType(parts, job, { type, step, filter: filters[type] }, patient, signal)
  }
}

/** Of most types there is nothing: that is written down together with the next file, once a second at least. */
function patiently(keeper: ExportKeeper): ExportKeeper {
  let [held, since]: [Steps, number] = [{}, performance.now()]
  return {
    findings: (filters) => keeper.findings(filters),
    async progress(steps, files) {
      held = { ...held, ...steps }
      if (files.length === 0 && performance.now() - since < MOST_HELD) return
      await keeper.progress(held, files)
      ;[held, since] = [{}, performance.now()]
    },
  }
}

/** What was denied, labelled or opened meanwhile counts from the next file on. */
async function asJustNow(store: Store, job: ExportJob): Promise<ExportJob> {
  return { ...job, permit: await currentPermit(store, job.permit) }
}

/** Files of a try that ended before it could write them down. */
async function removeUnfinished(files: Files, job: ExportJob): Promise<void> {
  const known = new Set(job.files.map(({ stored }) => stored))
  for (const name of await files.list(job._id)) if (!known.has(name)) await files.remove(name)
  await files.removeUnfinished(job._id)
}

/** Asked once: what a chain leads to may be different at the next try. */
async function filtersOf({ rules }: ExportParts, job: ExportJob, keeper: ExportKeeper): Promise<ExportFilters> {
  if (job.filters) {
    const entries = Object.entries(job.filters)
    return Object.fromEntries(entries.map(([type, text]) => [type, EJSON.parse(text) as Filter<ResourceDocument>]))
  }
  const filters = await rules.filters(job)
  const entries = Object.entries(filters)
  await keeper.findings(Object.fromEntries(entries.map(([type, filter]) => [type, EJSON.stringify(filter)])))
  return filters
}

interface TypeWork {
  readonly type: string
  readonly step: ExportStep
  readonly filter: Filter<ResourceDocument> | undefined
}

async function exportType(
  { store, files, rules, most }: ExportParts,
  job: ExportJob,
  { type, step: begun, filter }: TypeWork,
  keeper: ExportKeeper,
  signal: AbortSignal,
): Promise<void> {
  const { created: moment, wish } = job
  const batchesOf = (current: ExportJob, after: string): ReturnType<typeof exportBatches> => {
    const members = rules.members(current, type)
    const both = [filter, members.filter].filter((each) => each !== undefined)
    const fitting = both.length > 1 ? { $and: both } : both[0]
    const scan = { type, moment, since: wish.since, filter: fitting, sieve: members.sieve, after, most }
    return exportBatches(store, current.permit, scan)
  }
  const line = rules.line(job, type)
  let { permit } = await asJustNow(store, job)
  let batches = batchesOf({ ...job, permit }, begun.after)
  try {
    for (let step = begun, number = numberOf(job, type); !step.done; number++) {
      const current = await asJustNow(store, job)
      if (JSON.stringify(current.permit) !== JSON.stringify(permit)) {
        await batches.return(undefined)
        ;({ permit } = current)
        batches = batchesOf(current, step.after)
      }
      // A try that was frozen and wakes up writes another file
      const stored = `${job._id}/${type}-${number}-${job.fence}.ndjson.gz`
      const part = await writePart({ files, name: stored, batches, line, most, signal })
      const written = [...outputOf(type, number, stored, part), ...(await writeDeleted(files, job, type, number, part))]
      step = { after: part.last ?? step.after, done: part.isEnd, count: step.count + part.count }
      await keeper.progress({ [type]: step }, written)
    }
  } finally {
    await batches.return(undefined)
  }
}

function numberOf({ files }: ExportJob, type: string): number {
  return files.filter(({ name }) => name.startsWith(`${type}-`) || name.startsWith(`deleted-${type}-`)).length + 1
}

function outputOf(type: string, number: number, stored: string, { count, bytes, sha256 }: Part): ExportFile[] {
  if (count === 0) return []
  return [{ kind: 'output', type, name: `${type}-${number}.ndjson`, stored, count, bytes, sha256 }]
}

const DELETED_IN_A_BUNDLE = 1_000

/** What is not there any more, as Bundles of deletes (https://hl7.org/fhir/uv/bulkdata/STU2/export.html, deleted). */
async function writeDeleted(
  files: Files,
  { _id, fence }: ExportJob,
  type: string,
  number: number,
  { deleted }: Part,
): Promise<ExportFile[]> {
  if (deleted.length === 0) return []
  const stored = `${_id}/deleted-${type}-${number}-${fence}.ndjson.gz`
  const lines: string[] = []
  for (let start = 0; start < deleted.length; start += DELETED_IN_A_BUNDLE) {
    lines.push(deletesText(deleted.slice(start, start + DELETED_IN_A_BUNDLE)))
  }
  const content = Buffer.from(lines.join(''))
  // eslint-disable-next-line @typescript-eslint/require-await -- the port takes what comes in pieces
  async function* whole(): AsyncGenerator<Buffer> {
    yield content
  }
  await writePacked(files, stored, whole())
  const sha256 = createHash('sha256').update(content).digest('hex')
  const name = `deleted-${type}-${number}.ndjson`
  return [{ kind: 'deleted', type: 'Bundle', name, stored, count: lines.length, bytes: content.length, sha256 }]
}

function deletesText(ids: readonly string[]): string {
  const entry = ids.map((id) => ({ request: { method: 'DELETE', url: id.slice(id.indexOf('/') + 1) } }))
  return `${JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry })}\n`
}
