/** Which interaction a request asks for (https://hl7.org/fhir/R4/http.html): the whole FHIR API at a glance. */
import { text } from 'node:stream/consumers'
import type { Letter } from '../access/scope.ts'
import type { Answer, FhirHandler, FhirRequest } from '../http/answer.ts'
import { Gate } from '../http/gate.ts'
import { assertJsonAccepted } from '../http/media.ts'
import { GatewayError } from '../kernel/errors.ts'
import type { Limits } from '../kernel/limits.ts'
import type { ValidationPolicies } from '../kernel/validation-policy.ts'
import { isCompartment } from '../r4/compartments.ts'
import { isResourceType } from '../r4/elements.ts'
import type { Registry } from '../r4/registry.ts'
import type { WriteBack } from '../projection/write-back.ts'
import type { Store } from '../store/collections.ts'
import type { SearchState } from '../store/indexing.ts'
import type { ResourceReader } from '../store/resource-reader.ts'
import { currentPermit, openedTo } from '../store/restrictions.ts'
import { WRITES, allowed } from './access.ts'
import type { Interaction } from './access.ts'
import type { Bulk } from './bulk/bulk.ts'
import { BULK_FILE, BULK_STATUS, bulkAnswer } from './bulk/status.ts'
import type { FhirContext, Profiles, Storages } from './context.ts'
import { knowledgeOf } from './knowledge.ts'
import { isHeavy } from './heavy.ts'
import { readBinary, vreadBinary, writeFile } from './interactions/binary.ts'
import { bundle } from './interactions/bundle.ts'
import { capabilities } from './interactions/capabilities.ts'
import { create } from './interactions/create.ts'
import { remove } from './interactions/delete.ts'
import { historyInstance, historySystem, historyType } from './interactions/history.ts'
import { read, vread } from './interactions/read.ts'
import { search } from './interactions/search.ts'
import { patch, update } from './interactions/update.ts'
import { operationAt } from './operations/index.ts'
import { runOperation } from './operations/run.ts'
import type { PageKey } from './page-token.ts'
import { compartmentScope, systemScope, typeScope } from './search/scope.ts'
import type { Scope } from './search/scope.ts'
import type { SubscriptionService } from './subscriptions/service.ts'

const ID = /^[A-Za-z0-9\-.]{1,64}$/

export interface FhirParts {
  readonly reader: ResourceReader
  readonly writeBack: WriteBack
  readonly pageKey: PageKey
  readonly profiles: Profiles
  readonly registry: Registry
  readonly validation?: ValidationPolicies
  readonly limits: Limits
  readonly isAuthorized?: boolean
  readonly fileTypes: readonly string[]
  readonly storages?: Storages
  readonly searchState: SearchState
  readonly bulk?: Bulk
  readonly subscriptions?: SubscriptionService
}

export function fhirHandler(parts: FhirParts): FhirHandler {
  const gate = new Gate(parts.limits)
  const fixed = { ...parts, ...knowledgeOf(parts.registry) }
  return async (asked) => {
    const request = await asJustNow(parts.writeBack.store, asked)
    const format = request.query.length === 0 ? undefined : request.query.find(([name]) => name === '_format')?.[1]
    // A file is of its own type, whatever is asked for
    if (!isBinaryRead(request) && request.path[0] !== BULK_FILE) assertJsonAccepted(format, request.header('accept'))
    const { deadline, caller } = request
    // Whoever finds the caller looks at it already; tenants are held apart here too
    if (caller.permit.tenant !== request.tenant)
      throw new GatewayError('GW_UNAUTHENTICATED', 'The access token is for another address.')
    const { searchState } = parts
    const reader = parts.reader.within(deadline)
    const own = { request, permit: caller.permit, by: caller.by, reader }
    const run = async (): Promise<Answer> =>
      route({ ...fixed, ...own, building: await searchState.building() }, request)
    return isHeavy(request) ? gate.run(deadline, run) : run()
  }
}

/** What may be seen changes while a token lives: by Consents, and in emergencies. */
async function asJustNow(store: Store, request: FhirRequest): Promise<FhirRequest> {
  const { caller } = request
  const permit = await currentPermit(store, caller.permit)
  if (permit === caller.permit) return request
  request.trail?.inEmergency(await openedTo(store, permit))
  return { ...request, caller: { ...caller, permit } }
}

async function route(context: FhirContext, request: FhirRequest): Promise<Answer> {
  const [first, ...rest] = request.path
  if (first === undefined)
    return byMethod(context, request, {
      GET: () => searching(systemScope(request)),
      POST: () => ({ needs: 'nothing', handle: (own) => bundle(own, (entry) => routeEntry(context, entry)) }),
    })
  const isAlone = rest.length === 0
  if (first === 'metadata' && isAlone)
    return byMethod(context, request, { GET: () => ({ needs: 'nothing', handle: capabilities }) })
  if (first === '_history' && isAlone)
    return byMethod(context, request, {
      GET: () => ({ needs: { letter: 's', types: 'any' }, handle: historySystem }),
    })
  if (first === '_search' && isAlone) return onlyPost(context, request, searching(systemScope(request)))
  if (first === BULK_STATUS || first === BULK_FILE) return bulkAnswer(context, request.path)
  const operation = isAlone ? operationAt(first, 'system') : undefined
  if (operation) return runOperation(context, operation)
  if (!isResourceType(first)) throw new GatewayError('GW_NOT_FOUND', 'This is no resource type of FHIR R4.')
  return routeType(context, request, first, rest)
}

/** What is being built may be another parameter by now; what comes as a stream is an entry like any other. */
async function routeEntry(context: FhirContext, request: FhirRequest): Promise<Answer> {
  if (request.path[0] === BULK_FILE) {
    throw new GatewayError('GW_BAD_REQUEST', 'A file of an export has no place in a Bundle: fetch it by itself.')
  }
  const answer = await route({ ...context, request, building: await context.searchState.building() }, request)
  const { stream, ...rest } = answer
  return stream ? { ...rest, body: await text(stream) } : answer
}

async function routeType(
  context: FhirContext,
  request: FhirRequest,
  type: string,
  [id, history, version, ...more]: readonly string[],
): Promise<Answer> {
  if (id === undefined) {
    return byMethod(context, request, {
      GET: () => searching(typeScope(type)),
      POST: () => of(WRITES.POST, type, (own) => (isFile(request, type) ? writeFile(own) : create(own, type))),
      PUT: () => of(WRITES.PUT, type, (own) => update(own, type)),
      PATCH: () => of(WRITES.PATCH, type, (own) => patch(own, type)),
      DELETE: () => of(WRITES.DELETE, type, (own) => remove(own, type)),
    })
  }
  if (id === '_search' && history === undefined) return onlyPost(context, request, searching(typeScope(type)))
  if (id === '_history' && history === undefined)
    return byMethod(context, request, { GET: () => of('s', type, (own) => historyType(own, type)) })
  const operation = history === undefined ? operationAt(id, 'type', type) : undefined
  if (operation) return runOperation(context, operation, { type })
  if (!ID.test(id)) throw new GatewayError('GW_BAD_REQUEST', 'This is no id of FHIR: A-Z, a-z, 0-9, - and . only.')
  return routeInstance(context, request, [type, id], [history, version, ...more])
}

async function routeInstance(
  context: FhirContext,
  request: FhirRequest,
  [type, id]: readonly [string, string],
  [history, version, ...more]: readonly (string | undefined)[],
): Promise<Answer> {
  if (history === undefined) {
    return byMethod(context, request, {
      GET: () => of('r', type, (own) => (type === 'Binary' ? readBinary(own, id) : read(own, type, id)), id),
      PUT: () =>
        of(WRITES.PUT, type, (own) => (isFile(request, type) ? writeFile(own, id) : update(own, type, id)), id),
      PATCH: () => of(WRITES.PATCH, type, (own) => patch(own, type, id), id),
      DELETE: () => of(WRITES.DELETE, type, (own) => remove(own, type, id), id),
    })
  }
  const operation = version === undefined ? operationAt(history, 'instance', type) : undefined
  if (operation) return runOperation(context, operation, { type, id })
  if (history !== '_history' && more.length === 0)
    return routeCompartment(context, request, [type, id], history, version)
  if (history !== '_history' || more.length > 0) throw nothingThere()
  if (version === undefined)
    return byMethod(context, request, { GET: () => of('r', type, (own) => historyInstance(own, type, id), id) })
  const handle = (own: FhirContext): Promise<Answer> =>
    type === 'Binary' ? vreadBinary(own, id, version) : vread(own, type, id, version)
  return byMethod(context, request, { GET: () => of('r', type, handle, id) })
}

/** `Patient/1/Observation`, `Patient/1/*`, and both with `_search` (R4 search.html#searchcontexts). */
async function routeCompartment(
  context: FhirContext,
  request: FhirRequest,
  [owner, id]: readonly [string, string],
  type: string,
  end: string | undefined,
): Promise<Answer> {
  const isServed = isCompartment(owner) && (type === '*' || isResourceType(type))
  if (!isServed || (end !== undefined && end !== '_search')) throw nothingThere()
  const interaction = searching(compartmentScope(request, owner, id, type))
  return end === undefined
    ? byMethod(context, request, { GET: () => interaction })
    : onlyPost(context, request, interaction)
}

function of(letter: Letter, type: string, handle: Interaction['handle'], id?: string): Interaction {
  return { needs: { letter, types: [type], ...(id !== undefined && { id }) }, handle }
}

/** Types that are not named are left out where no scope is for them. */
function searching(scope: Scope): Interaction {
  const isNamed = !scope.choosing || scope.chosen !== undefined
  return {
    needs: { letter: 's', types: isNamed ? scope.types : 'any' },
    handle: (own) => search(own, scope),
  }
}

/** A Binary is read in its own format, whatever that is (R4 binary.html#rest). */
function isBinaryRead({ method, path: [type, id, history] }: FhirRequest): boolean {
  return method === 'GET' && type === 'Binary' && id !== undefined && (history ?? '_history') === '_history'
}

function isFile(request: FhirRequest, type: string): boolean {
  return type === 'Binary' && 'content' in request
}

/** By method, each made when it is the one that is asked for. */
type Handlers = Readonly<Record<string, () => Interaction>>

function byMethod(context: FhirContext, request: FhirRequest, handlers: Handlers): Promise<Answer> {
  const interaction = Object.hasOwn(handlers, request.method) ? handlers[request.method]?.() : undefined
  if (interaction) return interaction.handle(allowed(context, interaction.needs))
  const allow = Object.keys(handlers).flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
  throw notAllowed(`${request.method} is not possible at this address.`, allow.join(', '))
}

function onlyPost(context: FhirContext, request: FhirRequest, { needs, handle }: Interaction): Promise<Answer> {
  if (request.method !== 'POST') throw notAllowed('_search takes a POST.', 'POST')
  const type = request.header('content-type') ?? ''
  if (type !== '' && !/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type)) {
    throw new GatewayError('GW_MEDIA_TYPE', '_search takes a form: send application/x-www-form-urlencoded.')
  }
  return handle(allowed(context, needs))
}

function notAllowed(message: string, allow: string): GatewayError {
  return new GatewayError('GW_NOT_ALLOWED', message, { allow })
}

function nothingThere(): GatewayError {
  return new GatewayError('GW_NOT_FOUND', 'There is nothing at this address.')
}
