/**
 * The addresses of a job: `$bulk-status/[job]` says how far it is and what came of it, `$bulk-file/[job]/[file]` gives a
 * file. Who did not ask for the job, asks in another tenant, or may do less than who asked, is answered as if it had never
 * been: one client has tokens of many kinds.
 */
import { Readable, pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { covers } from '../../access/covers.ts'
import type { Answer } from '../../http/answer.ts'
import { FHIR_JSON, outcomeText } from '../../http/outcome.ts'
import { removeFolder } from '../../files/files.ts'
import { GatewayError } from '../../kernel/errors.ts'
import type { JobDocument } from '../../store/job-documents.ts'
import { cancelJob, findJob, readRefusals } from '../../store/jobs.ts'
import type { FhirContext } from '../context.ts'
import type { Bulk } from './bulk.ts'
import { bulkOf } from './bulk.ts'
import { exportManifest, importManifest, isLeftOut, isReport, leftOutText, progressOf } from './manifest.ts'

export const BULK_STATUS = '$bulk-status'
export const BULK_FILE = '$bulk-file'

const NDJSON = 'application/fhir+ndjson'
const RETRY_SECONDS = '1'

export async function bulkAnswer(context: FhirContext, [kind, id, name, ...more]: readonly string[]): Promise<Answer> {
  const bulk = bulkOf(context)
  const isStatus = kind === BULK_STATUS
  if (more.length > 0 || (name === undefined) !== isStatus) throw nothingThere()
  const { permit, by, request } = context
  const methods = isStatus ? ['GET', 'DELETE'] : ['GET']
  if (!methods.includes(request.method)) {
    const allow = isStatus ? 'GET, HEAD, DELETE' : 'GET, HEAD'
    throw new GatewayError('GW_NOT_ALLOWED', `${request.method} is not possible at this address.`, { allow })
  }
  if (isStatus) bulk.polls.count(id ?? '')
  const job = await findJob(bulk.store, permit, by, id ?? '')
  if (!job || isOver(job) || !covers(permit, job.permit)) throw nothingThere()
  if (name !== undefined) return fileAnswer(context, bulk, job, name)
  return request.method === 'DELETE' ? cancelled(bulk, job) : statusAnswer(bulk, job)
}

function isOver({ expires }: JobDocument): boolean {
  return expires !== undefined && expires <= new Date()
}

function statusAnswer({ requiresAccessToken }: Bulk, job: JobDocument): Answer {
  const interaction = 'bulk-status'
  if (job.state === 'open') {
    return { status: 202, headers: { 'X-Progress': progressOf(job), 'Retry-After': RETRY_SECONDS }, interaction }
  }
  if (job.state === 'failed') throw new GatewayError('GW_INTERNAL', job.reason ?? 'It failed.')
  const manifest =
    job.kind === 'export' ? exportManifest(job, requiresAccessToken) : importManifest(job, requiresAccessToken)
  const headers = { 'Content-Type': 'application/json; charset=utf-8', ...expiry(job) }
  return { status: 200, headers, body: JSON.stringify(manifest), interaction }
}

/** A job that is over is removed the same way. */
async function cancelled({ store, files }: Bulk, { _id }: JobDocument): Promise<Answer> {
  await cancelJob(store, _id)
  await removeFolder(files, _id)
  const said = { severity: 'information' as const, code: 'informational', diagnostics: 'It is cancelled and removed.' }
  return { status: 202, headers: { 'Content-Type': FHIR_JSON }, body: outcomeText(said), interaction: 'bulk-cancel' }
}

async function fileAnswer({ request }: FhirContext, bulk: Bulk, job: JobDocument, name: string): Promise<Answer> {
  const { store, files } = bulk
  const headers = { 'Content-Type': NDJSON, Vary: 'Accept-Encoding', ...expiry(job) }
  const common = { status: 200, interaction: 'bulk-file' }
  if (job.state !== 'done') throw nothingThere()
  if (job.kind === 'import') {
    if (!isReport(name)) throw nothingThere()
    return { ...common, headers, stream: Readable.from(readRefusals(store, job._id)) }
  }
  if (isLeftOut(name) && job.wish.ignored) return { ...common, headers, body: leftOutText(job) }
  const file = job.files.find((each) => each.name === name)
  const packed = file && (await files.read(file.stored))
  if (!packed) throw nothingThere()
  if (takesGzip(request.header('accept-encoding'))) {
    return { ...common, headers: { ...headers, 'Content-Encoding': 'gzip' }, stream: packed }
  }
  return { ...common, headers, stream: pipeline(packed, createGunzip(), () => undefined) }
}

/** RFC 9110 §12.5.3: without the header anything may be sent, but clients that say nothing rarely unpack. */
function takesGzip(accepted: string | undefined): boolean {
  return (accepted ?? '').split(',').some((each) => /^\s*(x-)?gzip\s*(;\s*q=(1|0?\.0*[1-9])\S*)?\s*$/i.test(each))
}

function expiry({ expires }: JobDocument): Record<string, string> {
  return expires ? { Expires: expires.toUTCString() } : {}
}

function nothingThere(): GatewayError {
  return new GatewayError('GW_NOT_FOUND', 'There is nothing at this address.')
}
