/** What is sent to the base: a batch or a transaction (https://hl7.org/fhir/R4/http.html#transaction). */
import type { Bundle } from '@medplum/fhirtypes'
import type { Answer } from '../../http/answer.ts'
import { FHIR_JSON } from '../../http/outcome.ts'
import { GatewayError } from '../../kernel/errors.ts'
import type { Route } from '../bundle-entry.ts'
import type { FhirContext } from '../context.ts'
import { assertKnownParameters } from '../context.ts'
import { assertResource, jsonBody } from '../resource-body.ts'
import { batch } from './batch.ts'
import { transaction } from './transaction.ts'

export async function bundle(context: FhirContext, route: Route): Promise<Answer> {
  assertKnownParameters(context.request)
  const body = jsonBody(context.request)
  const type = (body as { type?: unknown } | null)?.type
  // Each entry of a batch stands for itself: one that is wrong is refused in its place
  const sent = assertResource(type === 'batch' ? withoutResources(body) : body, 'Bundle') as Bundle
  if (type !== 'batch' && type !== 'transaction') {
    throw new GatewayError('GW_BAD_REQUEST', 'A Bundle sent to the base is a batch or a transaction.', {
      expression: 'Bundle.type',
    })
  }
  const { bundleEntries } = context.limits
  if ((sent.entry ?? []).length > bundleEntries) {
    throw new GatewayError('GW_TOO_LARGE', `A ${type} has at most ${bundleEntries} entries here.`, {
      expression: 'Bundle.entry',
    })
  }
  const { entries, defects } =
    type === 'batch'
      ? await batch(context, (body as unknown as Bundle).entry ?? [], route)
      : { entries: await transaction(context, sent.entry ?? [], route), defects: [] }
  const start = `{"resourceType":"Bundle","type":"${type}-response"`
  const text = entries.length > 0 ? `${start},"entry":[${entries.join(',')}]}` : `${start}}`
  return { status: 200, headers: { 'Content-Type': FHIR_JSON }, body: text, interaction: type, defects }
}

function withoutResources(value: unknown): unknown {
  const { entry, ...rest } = value as { entry?: unknown }
  if (!Array.isArray(entry)) return value
  return { ...rest, entry: (entry as unknown[]).map(withoutResource) }
}

function withoutResource(entry: unknown): unknown {
  if (typeof entry !== 'object' || entry === null) return entry
  const { resource: _resource, ...rest } = entry as { resource?: unknown }
  return rest
}
