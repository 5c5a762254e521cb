/**
 * The FHIR API, with everything that is asked of it on record before the answer goes out: what was given out, changed or
 * refused, for whom. Only what the server says of itself, and how far a job is, is no access to anything.
 */
import type { IncomingMessage } from 'node:http'
import type { Caller } from '../access/caller.ts'
import type { Spool } from '../audit/spool.ts'
import { Trail } from '../audit/trail.ts'
import type { FhirHandler, FhirRequest } from '../http/answer.ts'
import type { Place } from '../http/authentication.ts'
import type { RecordParts } from '../http/on-record.ts'
import { agentOf, answerOnRecord, putOnRecord } from '../http/on-record.ts'
import { GatewayError } from '../kernel/errors.ts'
import type { SealedFields } from '../seal/sealed-text.ts'
import { BULK_STATUS } from './bulk/status.ts'
import { withoutSealed } from './search/sealed.ts'

export interface AuditedParts extends RecordParts {
  /** elements whose values are in clear nowhere but in answers */
  readonly sealed: () => SealedFields
}

export function audited(fhir: FhirHandler, { sealed, ...parts }: AuditedParts): FhirHandler {
  return (request) => {
    if (isOpen(request)) return fhir(request)
    const who = agentOf(request.caller, request.address)
    const trail = new Trail({ ...request, query: withoutSealed(sealed(), request.query), who })
    return answerOnRecord(parts, trail, () => fhir({ ...request, trail }))
  }
}

function isOpen({ method, path: [first] }: FhirRequest): boolean {
  return first === 'metadata' || (first === BULK_STATUS && method === 'GET')
}

type CallerOf = (request: IncomingMessage, place: Place) => Promise<Caller>

/** Who finds the caller, with tokens on record that are none here (any more). */
export function auditedCallers(
  callerOf: CallerOf,
  spool: Pick<Spool, 'put'>,
  addressOf: (request: IncomingMessage) => string,
): CallerOf {
  return async (request, place): Promise<Caller> => {
    try {
      return await callerOf(request, place)
    } catch (error) {
      if (!(error instanceof GatewayError) || error.code !== 'GW_INVALID_TOKEN') throw error
      const path = (place.url.split('?', 1)[0] ?? '').split('/').filter((each) => each !== '')
      const who = { name: 'unknown token', address: addressOf(request) }
      const trail = new Trail({ tenant: place.tenant ?? 'default', method: request.method ?? '', path, query: [], who })
      await putOnRecord(spool, trail, error.status)
      throw error
    }
  }
}
