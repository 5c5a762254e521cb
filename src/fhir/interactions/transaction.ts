/** A transaction: all entries or none (https://hl7.org/fhir/R4/http.html#transaction). */
import type { Bundle, BundleEntry, Resource } from '@medplum/fhirtypes'
import type { Answer } from '../../http/answer.ts'
import { FHIR_JSON } from '../../http/outcome.ts'
import { GatewayError } from '../../kernel/errors.ts'
import type { Operation, Written } from '../../projection/write-back.ts'
import type { FhirContext } from '../context.ts'
import { etag } from '../headers.ts'
import { assertResource, jsonBody } from '../resource-body.ts'
import { commit, conditionOf, versionOf } from '../write-context.ts'

const ADDRESS = /^([A-Z][A-Za-z]+)(?:\/([A-Za-z0-9\-.]{1,64}))?$/
const MOST_ENTRIES = 1_000

interface Planned {
  readonly index: number
  readonly operation: Operation
}

export async function transaction(context: FhirContext): Promise<Answer> {
  const bundle = assertResource(jsonBody(context.request), 'Bundle') as Bundle
  if (bundle.type !== 'transaction') {
    throw new GatewayError('GW_BAD_REQUEST', 'A Bundle sent to the base is a transaction here.', {
      expression: 'Bundle.type',
    })
  }
  const entries = bundle.entry ?? []
  if (entries.length > MOST_ENTRIES) {
    throw new GatewayError('GW_TOO_LARGE', `A transaction has at most ${MOST_ENTRIES} entries here.`)
  }
  const inBundle = entries.map((entry, index) => ({ index, operation: operationOf(context, entry, index) }))
  assertDistinct(inBundle)
  const planned = inOrder(inBundle)
  const written = await commit(
    context,
    planned.map(({ operation }) => operation),
  )
  const answers: string[] = []
  for (const [place, { index }] of planned.entries()) answers[index] = answerOf(context, written[place] as Written)
  const start = '{"resourceType":"Bundle","type":"transaction-response"'
  const body = answers.length > 0 ? `${start},"entry":[${answers.join(',')}]}` : `${start}}`
  return { status: 200, headers: { 'Content-Type': FHIR_JSON }, body, interaction: 'transaction' }
}

function operationOf(context: FhirContext, entry: BundleEntry, index: number): Operation {
  const { request, resource, fullUrl } = entry
  const at = `Bundle.entry[${index}]`
  const [, type, id] = ADDRESS.exec(request?.url ?? '') ?? []
  if (type === undefined || !request) throw notTaken(at)
  if (request.method === 'POST' && id === undefined) {
    const unless = request.ifNoneExist === undefined ? {} : { unless: conditionOf(context, type, request.ifNoneExist) }
    const own = fullUrl === undefined ? {} : { fullUrl }
    return { method: 'POST', type, at, resource: resourceOf(resource, type, at), ...own, ...unless }
  }
  if (id === undefined) throw notTaken(at)
  const match = versionOf(request.ifMatch)
  if (request.method === 'DELETE') return { method: 'DELETE', type, id, at, ...match }
  if (request.method !== 'PUT') throw notTaken(at)
  const sent = resourceOf(resource, type, at, id)
  return { method: 'PUT', type, id, at, ...match, edit: () => sent }
}

function resourceOf(resource: Resource | undefined, type: string, at: string, id?: string): Resource {
  if (resource?.resourceType === type && (id === undefined || resource.id === id)) return resource
  throw new GatewayError('GW_BAD_REQUEST', `The resource of ${at} is not what its request names.`, {
    expression: `${at}.resource`,
  })
}

function notTaken(at: string): GatewayError {
  return new GatewayError('GW_BAD_REQUEST', `The request of ${at} is a POST to a type, or a PUT or DELETE of an id.`, {
    expression: `${at}.request`,
  })
}

/** No resource twice: which of the two holds would depend on the order (R4 http.html#trules). */
function assertDistinct(planned: readonly Planned[]): void {
  const seen = new Set<string>()
  for (const { operation } of planned) {
    if (!('id' in operation)) continue
    const name = `${operation.type}/${operation.id}`
    if (!seen.has(name)) seen.add(name)
    else {
      throw new GatewayError('GW_BAD_REQUEST', 'A transaction names a resource once only.', {
        expression: `${operation.at ?? 'Bundle.entry'}.request`,
      })
    }
  }
}

const RANK = { DELETE: 0, POST: 1, PUT: 2 } as const

/** Deletes, creates, updates (R4 http.html#trules); a create after those it refers to. */
function inOrder(planned: readonly Planned[]): Planned[] {
  const byUrl = new Map(
    planned.flatMap((each) =>
      each.operation.method === 'POST' && each.operation.fullUrl !== undefined
        ? [[each.operation.fullUrl, each] as const]
        : [],
    ),
  )
  const done = new Set<Planned>()
  const visiting = new Set<Planned>()
  const visit = (each: Planned): void => {
    if (done.has(each)) return
    if (visiting.has(each)) throw circle(each.index)
    visiting.add(each)
    if (each.operation.method === 'POST') {
      for (const url of referencesIn(each.operation.resource)) {
        const other = byUrl.get(url)
        if (other && other !== each) visit(other)
      }
    }
    done.add(each)
  }
  for (const each of [...planned].sort((a, b) => RANK[a.operation.method] - RANK[b.operation.method])) visit(each)
  return [...done]
}

function referencesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, member]) =>
    name === 'reference' && typeof member === 'string' ? [member] : referencesIn(member),
  )
}

function circle(index: number): GatewayError {
  return new GatewayError('GW_BAD_REQUEST', 'Entries refer to one another in a circle; create one of them first.', {
    expression: `Bundle.entry[${index}].resource`,
  })
}

const STATUS = { created: '201', updated: '200', same: '200', deleted: '204', found: '200', absent: '204' } as const

function answerOf({ request }: FhirContext, { outcome, _id, v, u, body }: Written): string {
  const path = _id.slice(request.tenant.length + 1)
  const response = {
    status: STATUS[outcome],
    location: `${request.base}/${path}/_history/${v}`,
    etag: etag(v),
    lastModified: u.toISOString(),
  }
  const resource = body === '' ? '' : `"resource":${body},`
  return `{${resource}"response":${JSON.stringify(response)}}`
}
