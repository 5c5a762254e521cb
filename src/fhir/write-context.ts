/** What writes of one request have in common: who writes, under which conditions, and how the answer looks. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Resource } from '@medplum/fhirtypes'
import type { Answer, FhirRequest } from '../http/answer.ts'
import { FHIR_JSON, outcomeText } from '../http/outcome.ts'
import type { OutcomeIssue } from '../http/outcome.ts'
import { GatewayError } from '../kernel/errors.ts'
import type { Condition, Free, Operation, Written } from '../projection/operation.ts'
import { commitWrites } from '../projection/write-back.ts'
import { keepFiles } from '../store/files.ts'
import { withFiles } from './binary/uploads.ts'
import { assertKnownParameters } from './context.ts'
import type { FhirContext } from './context.ts'
import { versionHeaders } from './headers.ts'
import { remarksOn } from './validation.ts'
import { conditionFilter } from './search/condition.ts'
import { withSubscriptions } from './subscriptions/accepted.ts'

/** A row that a program wrote a moment ago is in the way of a conditional create, and what it gives is there to be found soon. */
const ARRIVAL = 50
const ARRIVAL_TRIES = 10

/** `files`: those that the operation names and were stored for it. */
export async function commitOne(
  context: FhirContext,
  operation: Operation,
  files: readonly string[] = [],
): Promise<Written> {
  const [written] = await commit(context, [operation], files)
  return written as Written
}

export async function commit(
  context: FhirContext,
  sent: readonly Operation[],
  files: readonly string[] = [],
): Promise<Written[]> {
  const { value, files: made } = await withFiles(context, sent)
  const operations = await withSubscriptions(context, value)
  const written = await commitInTime(context, operations)
  context.subscriptions?.wake(written.flatMap(({ _id }) => (_id.includes('/Subscription/') ? [_id] : [])))
  context.request.trail?.wrote(written)
  // Not so where another was found instead: then the file is swept
  const kept = [...files, ...made].filter((name) => written.some(({ body }) => body.includes(name)))
  if (kept.length > 0) await keepFiles(context.writeBack.store, context.permit, kept)
  return written
}

async function commitInTime({ writeBack, request }: FhirContext, operations: readonly Operation[]): Promise<Written[]> {
  // All of it: an operation that stores what it made has the part for its reads
  const { permit, by } = request.caller
  const accompaniment = { recordOf: request.trail?.recordOf, once: request.once }
  const isConditional = operations.some((each) => each.method === 'POST' && each.unless)
  for (let tries = isConditional ? ARRIVAL_TRIES : 0; ; tries--) {
    try {
      return await commitWrites(writeBack, permit, by, operations, request.deadline.left, accompaniment)
    } catch (error) {
      const isConflict = error instanceof GatewayError && error.code === 'GW_CONFLICT'
      if (!isConflict || tries === 0 || request.deadline.isOver) throw error
      await sleep(ARRIVAL)
    }
  }
}

/** `W/"3"` → 3; a tag that no version of ours has fits nothing (RFC 9110 §13.1.1). */
export function versionOf(tag: string | undefined): { version?: number } {
  if (tag === undefined) return {}
  const [, digits] = /^(?:W\/)?"([1-9]\d{0,9})"$/.exec(tag.trim()) ?? []
  if (digits === undefined) throw new GatewayError('GW_PRECONDITION', 'If-Match names no version of this resource.')
  return { version: Number(digits) }
}

/** What the address of a write names: an id, or a condition where there is none (R4 http.html#cond-update). */
export function targetOf(context: FhirContext, type: string, id?: string): { id: string } | { where: Condition } {
  const { request } = context
  if (id === undefined) return { where: conditionOf(context, type, queryOf(request)) }
  assertKnownParameters(request)
  return { id }
}

function queryOf({ query }: FhirRequest): string {
  return query.map((pair) => pair.map(encodeURIComponent).join('=')).join('&')
}

/** What may not be there beside what is written. */
export function freeOf(context: FhirContext, type: string): { readonly free?: Free } {
  const { free } = context.request
  return free ? { free: { ...free, condition: conditionOf(context, type, free.query) } } : {}
}

/** The query of If-None-Exist, or of a conditional address. */
export function conditionOf(context: FhirContext, type: string, query: string): Condition {
  return conditionFilter(context, type, query)
}

/** The answer to one write, as `Prefer: return` wants it (R4 http.html#ops). */
export function writtenAnswer(
  { request }: FhirContext,
  written: Written,
  interaction: string,
  sent?: Resource,
): Answer {
  const { outcome, v } = written
  const path = written._id.slice(request.tenant.length + 1)
  const status = outcome === 'created' ? 201 : 200
  const headers = {
    ...versionHeaders(written),
    ...((status === 201 || outcome === 'found') && { Location: `${request.base}/${path}/_history/${v}` }),
  }
  const preference = preferenceOf(request)
  if (preference === 'minimal') {
    const { 'Content-Type': _type, ...own } = { 'Content-Type': FHIR_JSON, ...headers }
    return { status, headers: own, interaction }
  }
  return {
    status,
    headers,
    body: preference ? outcomeText(said(outcome), ...remarksOn(sent)) : written.body,
    interaction,
  }
}

/** `Prefer: return`; undefined: the resource. */
export function preferenceOf(request: FhirRequest): 'minimal' | 'OperationOutcome' | undefined {
  const [, , preference] = /(^|[\s,;])return=(minimal|OperationOutcome)\b/.exec(request.header('prefer') ?? '') ?? []
  return preference as 'minimal' | 'OperationOutcome' | undefined
}

export function said(outcome: Written['outcome']): OutcomeIssue {
  const words = {
    created: 'The resource was created.',
    found: 'The resource was there already.',
    same: 'Nothing changed.',
  }
  const diagnostics = outcome in words ? words[outcome as keyof typeof words] : 'The resource was updated.'
  return { severity: 'information', code: 'informational', diagnostics }
}
