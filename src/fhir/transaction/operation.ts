/** An entry of a transaction as an operation of the write engine. */
import { randomUUID } from 'node:crypto'
import type { BundleEntry, Resource } from '@medplum/fhirtypes'
import type { FhirRequest } from '../../http/answer.ts'
import { GatewayError } from '../../kernel/errors.ts'
import { isResourceType } from '../../r4/elements.ts'
import { isMapped } from '../../projection/run-operations.ts'
import type { Condition, Operation } from '../../projection/operation.ts'
import { WRITES, allowed } from '../access.ts'
import { notTaken } from '../bundle-entry.ts'
import type { FhirContext } from '../context.ts'
import { patchOf } from '../patch-body.ts'
import { assertValid } from '../validation.ts'
import { conditionOf, targetOf, versionOf } from '../write-context.ts'
import { referencesIn } from './links.ts'

const ID = /^[A-Za-z0-9\-.]{1,64}$/

export async function operationOf(
  caller: FhirContext,
  entry: BundleEntry,
  request: FhirRequest,
  at: string,
): Promise<Operation> {
  const [type = '', id, ...more] = request.path
  if (!isResourceType(type) || (id !== undefined && !ID.test(id)) || more.length > 0) throw notTaken(at)
  const method = request.method as keyof typeof WRITES
  const context = allowed(caller, { letter: WRITES[method], types: [type], ...(id !== undefined && { id }) })
  const own = { at, ...(entry.fullUrl !== undefined && { fullUrl: entry.fullUrl }) }
  if (request.method === 'POST') {
    if (id !== undefined) throw notTaken(at)
    const query = request.header('if-none-exist')
    const unless = query === undefined ? {} : { unless: conditionOf(context, type, query) }
    const resource = resourceOf(context, entry, type, at)
    const common = { type, resource, ...own, ...unless, ...conditionsIn(context, resource) }
    return { method: 'POST', ...common, ...reservedId(context, type, query) }
  }
  const target = targetOf({ ...context, request }, type, id)
  const common = { type, ...own, ...target, ...versionOf(request.header('if-match')) }
  if (request.method === 'DELETE') return { ...common, method: 'DELETE' }
  if (request.method === 'PATCH')
    return { ...common, method: 'PUT', edit: await patchOf(context, request, type), existing: true }
  const resource = resourceOf(context, entry, type, at, id)
  return { ...common, method: 'PUT', resource, edit: () => resource, ...conditionsIn(context, resource) }
}

/** What no source could take over is given its id now, so that entries can refer to one another in a circle. */
function reservedId(
  { writeBack: { plan }, permit }: FhirContext,
  type: string,
  unless?: string,
): { reserved?: string } {
  return unless !== undefined || isMapped({ plan, permit }, type) ? {} : { reserved: randomUUID() }
}

/** Its structure was looked at with the Bundle's. */
function resourceOf(context: FhirContext, { resource }: BundleEntry, type: string, at: string, id?: string): Resource {
  if (resource?.resourceType === type && (id === undefined || resource.id === id)) {
    assertValid(context, resource, `${at}.resource`)
    return resource
  }
  throw new GatewayError('GW_BAD_REQUEST', `The resource of ${at} is not what its request names.`, {
    expression: `${at}.resource`,
  })
}

/** Conditional references: `Patient?identifier=…` (R4 http.html#trules). */
function conditionsIn(context: FhirContext, resource: Resource): { references?: ReadonlyMap<string, Condition> } {
  const references = new Map<string, Condition>()
  for (const text of referencesIn(resource)) {
    const [, type, query] = /^([A-Za-z]+)\?(.+)$/s.exec(text) ?? []
    if (type === undefined || query === undefined || !isResourceType(type)) continue
    references.set(text, conditionOf(context, type, query))
  }
  return references.size === 0 ? {} : { references }
}
