/**
 * The FHIR API, with everything that is asked of it on record before the answer goes out: what was given out, changed or
 * refused, for whom. Only what the server says of itself, and how far a job is, is no access to anything.
 */
import type { Caller } from '../access/caller.ts'
import type { Spool } from '../audit/spool.ts'
import { Trail } from '../audit/trail.ts'
import type { Answer, FhirHandler, FhirRequest } from '../http/answer.ts'
import type { AppOptions } from '../http/app.ts'
import { errorAnswer } from '../http/outcome.ts'
import { GatewayError } from '../kernel/errors.ts'
import type { Logger } from '../kernel/logger.ts'
import type { AuditAgent } from '../store/audit-documents.ts'
import type { SealedFields } from '../seal/sealed-text.ts'
import { BULK_STATUS } from './bulk/status.ts'
import { withoutSealed } from './search/sealed.ts'

export interface AuditedParts {
  readonly spool: Pick<Spool, 'put'>
  readonly log: Logger
  /** elements whose values are in clear nowhere but in answers */
  readonly sealed: () => SealedFields
}

export function audited(fhir: FhirHandler, { spool, log, sealed }: AuditedParts): FhirHandler {
  return async (request) => {
    if (isOpen(request)) return fhir(request)
    const trail = new Trail({ ...request, query: withoutSealed(sealed(), request.query), who: agentOf(request) })
    let answer: Answer
    try {
      answer = await fhir({ ...request, trail })
    } catch (error) {
      await put(spool, trail, errorAnswer(error).status)
      throw error
    }
    await put(spool, trail, answer.status)
    // What is read while it is sent is told when all of it was
    answer.stream?.once('close', () => {
      if (trail.hasMore()) put(spool, trail, answer.status).catch((error: unknown) => log.error({ err: error }, LOST))
    })
    return answer
  }
}

const LOST = 'of an answer that is being sent, the audit has the beginning only'

async function put(spool: Pick<Spool, 'put'>, trail: Trail, status: number): Promise<void> {
  const events = trail.end(status)
  if (events.length > 0) await spool.put(events)
}

function isOpen({ method, path: [first] }: FhirRequest): boolean {
  return first === 'metadata' || (first === BULK_STATUS && method === 'GET')
}

function agentOf({ caller, address }: FhirRequest): AuditAgent {
  const { credential, token } = caller
  const from = { ...(token !== undefined && { token }), ...(address !== undefined && { address }) }
  if (!credential) return { name: caller.by, ...from }
  const { client, user } = credential
  return {
    ...(user && { account: user.account, ...(user.person !== undefined && { person: user.person }) }),
    client,
    ...from,
  }
}

type CallerOf = AppOptions['callerOf']

/** Who finds the caller, with tokens on record that are none here (any more). */
export function auditedCallers(
  callerOf: CallerOf,
  spool: Pick<Spool, 'put'>,
  addressOf: NonNullable<AppOptions['addressOf']>,
): CallerOf {
  return async (request, place): Promise<Caller> => {
    try {
      return await callerOf(request, place)
    } catch (error) {
      if (!(error instanceof GatewayError) || error.code !== 'GW_INVALID_TOKEN') throw error
      const path = (place.url.split('?', 1)[0] ?? '').split('/').filter((each) => each !== '')
      const who = { name: 'unknown token', address: addressOf(request) }
      const trail = new Trail({ tenant: place.tenant, method: request.method, path, query: [], who })
      await put(spool, trail, error.status)
      throw error
    }
  }
}
