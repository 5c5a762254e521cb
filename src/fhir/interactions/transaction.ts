/** A transaction: all writes or none, reads after them (https://hl7.org/fhir/R4/http.html#transaction). */
import type { BundleEntry } from '@medplum/fhirtypes'
import { errorAnswer, outcomeText } from '../../http/outcome.ts'
import { GatewayError } from '../../kernel/errors.ts'
import type { Operation, Written } from '../../projection/operation.ts'
import { answeredEntry, entryRequest, entryText } from '../bundle-entry.ts'
import type { Route } from '../bundle-entry.ts'
import type { FhirContext } from '../context.ts'
import { etag } from '../headers.ts'
import { deletesOf } from '../transaction/deletes.ts'
import { linkedEntries } from '../transaction/links.ts'
import { operationOf } from '../transaction/operation.ts'
import { assertDistinct, inOrder } from '../transaction/order.ts'
import type { Planned } from '../transaction/order.ts'
import { remarksOn } from '../validation.ts'
import { commit, preferenceOf, said } from '../write-context.ts'

export async function transaction(
  context: FhirContext,
  sent: readonly BundleEntry[],
  route: Route,
): Promise<readonly string[]> {
  const entries = linkedEntries(sent).map((entry, index) => {
    const at = `Bundle.entry[${index}]`
    return { index, at, entry, request: entryRequest(context.request, entry, at) }
  })
  const reads = entries.filter(({ request }) => request.method === 'GET')
  const writes = entries.filter(({ request }) => request.method !== 'GET')
  const planned: Planned[] = []
  for (const { index, at, entry, request } of writes) {
    const operation = await operationOf(context, entry, request, at)
    const each = operation.method === 'DELETE' ? await deletesOf(context, operation) : [operation]
    planned.push(...each.map((one) => ({ index, operation: one })))
  }
  assertDistinct(planned)
  const ordered = inOrder(planned)
  const written = await commit(
    context,
    ordered.map(({ operation }) => operation),
  )
  const counts = Map.groupBy(planned, ({ index }) => index)
  const answers: string[] = []
  for (const [place, { index, operation }] of ordered.entries()) {
    answers[index] =
      counts.get(index)?.length === 1
        ? writtenEntry(context, written[place] as Written, operation)
        : entryText(DELETED, undefined, false)
  }
  // What was written holds by now: a read that fails can undo nothing, and says so in its place
  for (const { index, request } of reads) answers[index] = answeredEntry(await route(request).catch(refused))
  return answers
}

function refused(error: unknown): ReturnType<typeof errorAnswer> {
  if (error instanceof GatewayError) return errorAnswer(error)
  throw error
}

const STATUS = { created: '201', updated: '200', same: '200', deleted: '204', found: '200', absent: '204' } as const

/** Several resources by one condition. */
const DELETED = { status: STATUS.deleted }

function writtenEntry({ request }: FhirContext, written: Written, operation: Operation): string {
  const { outcome, _id, v, u, body } = written
  if (outcome === 'absent') return entryText({ status: STATUS[outcome] }, undefined, false)
  const path = _id.slice(request.tenant.length + 1)
  const response = {
    status: STATUS[outcome],
    location: `${request.base}/${path}/_history/${v}`,
    etag: etag(v),
    lastModified: u.toISOString(),
  }
  const preference = preferenceOf(request)
  if (preference === 'OperationOutcome') {
    const remarks = 'resource' in operation ? remarksOn(operation.resource) : []
    return entryText(response, outcomeText(said(outcome), ...remarks), true)
  }
  return entryText(response, preference === 'minimal' ? undefined : body, false)
}
