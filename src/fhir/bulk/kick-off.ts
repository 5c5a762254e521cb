/** What the beginnings of exports and imports have in common (https://hl7.org/fhir/uv/bulkdata/STU2/export.html#bulk-data-kick-off-request). */
import { randomBytes } from 'node:crypto'
import type { Caller } from '../../access/caller.ts'
import { asGranted } from '../../access/restricted.ts'
import type { Answer } from '../../http/answer.ts'
import { FHIR_JSON, outcomeText } from '../../http/outcome.ts'
import { GatewayError } from '../../kernel/errors.ts'
import { bearerByHash } from '../../store/authorization.ts'
import type { JobDocument } from '../../store/job-documents.ts'
import { cancelJob, insertJob } from '../../store/jobs.ts'
import type { FhirContext } from '../context.ts'
import { handlingOf } from '../context.ts'
import { bulkOf } from './bulk.ts'

const ID_BYTES = 24
const OCCUPIED = 'So many exports and imports are open already: wait for one of them, or cancel it (DELETE its status).'

/** Nobody guesses it; neither a number nor with a colon, which the queue would not take. */
function newJobId(): string {
  return `j${randomBytes(ID_BYTES).toString('base64url')}`
}

/** An answer that takes its time is had by those only who say that they will ask for it. */
export function assertAsync({ request }: FhirContext): void {
  const isAsync = /(^|[\s,;])respond-async\b/.test(request.header('prefer') ?? '')
  if (isAsync || handlingOf(request) === 'lenient') return
  throw new GatewayError('GW_BAD_REQUEST', 'This is done in the background: send Prefer: respond-async.')
}

/** What every job begins with. */
export function newJob(context: FhirContext): Omit<JobDocument, 'kind'> & { readonly state: 'open' } {
  const { request, permit, by } = context
  const query = new URLSearchParams(request.query.map(([name, value]): [string, string] => [name, value])).toString()
  return {
    _id: newJobId(),
    ...{ t: permit.tenant, by, permit: asGranted(permit), ...rightsOf(request.caller), base: request.base },
    request: `${request.base}/${request.path.join('/')}${query === '' ? '' : `?${query}`}`,
    created: new Date(),
    ...{ state: 'open', owner: '', until: new Date(0), fence: 0, tries: 0 },
  }
}

function rightsOf({ grant, token }: Caller): Pick<JobDocument, 'grant' | 'token'> {
  if (grant !== undefined) return { grant }
  return token === undefined ? {} : { token }
}

/** 429 where the tenant has too many open. */
export async function keepJob(context: FhirContext, job: JobDocument): Promise<void> {
  const { store } = bulkOf(context)
  const isKept = await insertJob(store, job, context.limits.bulkJobs)
  const { token } = context.request.caller
  if (token === undefined || (await bearerByHash(store, token))?.isGood) {
    if (!isKept) throw new GatewayError('GW_BUSY', OCCUPIED)
    return
  }
  // Whoever ends a token removes it first, then the jobs of it: one of both sees the other
  await cancelJob(store, job._id)
  throw new GatewayError('GW_INVALID_TOKEN', 'The access token was revoked at this moment.')
}

/** 202 with the address at which the job is asked for. */
export function begunAnswer(context: FhirContext, { _id, base }: JobDocument, interaction: string): Answer {
  bulkOf(context).wake(_id)
  const address = `${base}/$bulk-status/${_id}`
  const said = { severity: 'information' as const, code: 'informational', diagnostics: `Ask for it at ${address}` }
  const headers = { 'Content-Type': FHIR_JSON, 'Content-Location': address }
  return { status: 202, headers, body: outcomeText(said), interaction }
}
