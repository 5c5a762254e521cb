/**
 * openapi.yaml as what decides: which operations there are, what each takes and gives back, and who may ask. Requests and
 * answers are checked against it by openapi-backend (ajv).
 */
import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import type { AjvCustomizer, Document, OpenAPIValidator, Operation } from 'openapi-backend'
import { OpenAPIBackend } from 'openapi-backend'
import { parse } from 'yaml'
import { StartError } from '../../kernel/errors.ts'

export interface ApiProblem {
  /** `body.start`, `query.date`, `path.id` */
  readonly field: string
  readonly detail: string
}

/**
 * Who may ask: `record`: whoever has a token, and sees what the Permit lets through; `signed-in`: the same, of nothing
 * but what is their own; a permission: who has it by a role.
 */
export type ApiAccess = 'record' | 'signed-in' | { readonly permission: string }

export interface Route {
  readonly id: string
  /** lower case */
  readonly method: string
  /** as the contract has it: `/api/appointments/{id}` */
  readonly path: string
  readonly access: ApiAccess
  readonly operation: Operation
}

export interface Contract {
  /** as it is served */
  readonly text: string
  readonly routes: readonly Route[]
  readonly validator: OpenAPIValidator
}

/** `root`: the part of the contract that is served here, such as `/api`. Throws a StartError where it does not hold. */
export async function readContract(file: string, root: string): Promise<Contract> {
  const source = parse(readFileSync(file, 'utf8')) as Document
  const api = new OpenAPIBackend({ definition: source, quick: true, coerceTypes: true, customizeAjv: modern })
  await api.init()
  const routes = api.router
    .getOperations()
    .filter(({ path }) => path.startsWith(`${root}/`))
    .map(routeOf)
  return { text: JSON.stringify(withRights(source, routes)), routes, validator: api.validator }
}

/** Readers are told by the description which permission an operation needs: pages that show a contract show no `x-…`. */
function withRights(source: Document, routes: readonly Route[]): Document {
  const shown = structuredClone(source)
  for (const { path, method, access } of routes) {
    if (typeof access === 'string') continue
    const operation = shown.paths?.[path]?.[method as 'get'] as { description?: string }
    const needed = `Needs a role with the permission \`${access.permission}\`.`
    operation.description = [operation.description?.trimEnd(), needed].filter((each) => each).join('\n\n')
  }
  return shown
}

function routeOf(operation: Operation): Route {
  const { path, method, operationId: id } = operation
  const access = (operation as { 'x-access'?: ApiAccess })['x-access']
  if (id === undefined || access === undefined) {
    throw new StartError(`openapi.yaml: ${method} ${path} needs an operationId, and an x-access that says who may ask.`)
  }
  return { id, method, path, access, operation }
}

/** OpenAPI 3.1 writes schemas in JSON Schema 2020-12. */
const modern: AjvCustomizer = (_ajv, options) => {
  const ajv = new Ajv2020({ ...options, strict: false })
  addFormats.default(ajv)
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- the same class, of another draft
  return ajv
}

export interface Sent {
  readonly path: string
  readonly query: Readonly<Record<string, string | string[]>>
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
}

export type Checked =
  | { readonly errors: readonly ApiProblem[] }
  | { readonly path: Record<string, string>; readonly query: Record<string, unknown> }

/** What is asked, with numbers and booleans of the query as such. */
export function checkRequest({ validator }: Contract, route: Route, sent: Sent): Checked {
  const path = variablesIn(route, sent.path)
  const query: Record<string, unknown> = { ...sent.query }
  const asked = { path, query, header: sent.headers, ...(sent.body !== undefined && { requestBody: sent.body }) }
  // One by one: validateRequest would read the address and its cookies once more
  const errors = validator.getRequestValidatorsForOperation(route.id).flatMap((validate) => {
    validate(asked)
    return validate.errors ?? []
  })
  return errors.length > 0 ? { errors: errors.map(problemOf) } : { path, query }
}

/** `{ id: '1' }` of `/api/cases/1` */
function variablesIn({ path }: Route, sent: string): Record<string, string> {
  const given = sent.split('/')
  const parts = path.split('/').map((part, at) => [part, decodeURIComponent(given[at] ?? '')] as const)
  return Object.fromEntries(
    parts.flatMap(([part, value]) => (part.startsWith('{') ? [[part.slice(1, -1), value]] : [])),
  )
}

/** Lines of lists that were found to be as the contract says, by what answers with them; they are never changed. */
const sound = new WeakMap<Route, WeakSet<object>>()

/** Undefined: it is as the contract says. */
export function brokenAnswer(contract: Contract, route: Route, status: number, body: unknown): string | undefined {
  const { items } = (body ?? {}) as { readonly items?: unknown }
  if (!Array.isArray(items)) return brokenBody(contract, route, status, body)
  const known = sound.get(route) ?? new WeakSet()
  sound.set(route, known)
  const fresh = (items as object[]).filter((item) => !known.has(item))
  const broken = brokenBody(contract, route, status, { ...(body as object), items: fresh })
  const isKept = (item: unknown): boolean => typeof item === 'object' && Object.isFrozen(item)
  if (broken === undefined) for (const item of fresh.filter(isKept)) known.add(item)
  return broken
}

function brokenBody({ validator }: Contract, { operation }: Route, status: number, body: unknown): string | undefined {
  const answer = operation.responses?.[String(status)]
  if (answer === undefined) return `${operation.operationId}: ${status} is not in openapi.yaml`
  if (body === undefined && !('content' in answer) && !('$ref' in answer)) return undefined
  const { errors } = validator.validateResponse(body, operation, status)
  return errors?.length
    ? `${operation.operationId}: ${errors.map((each) => `${each.instancePath} ${each.message}`).join('; ')}`
    : undefined
}

const PLACES: Readonly<Record<string, string>> = { requestBody: 'body', header: 'header', path: 'path', query: 'query' }

function problemOf(error: {
  readonly instancePath: string
  readonly message?: string
  readonly params: object
}): ApiProblem {
  const [, place = '', ...rest] = error.instancePath.split('/')
  const { missingProperty, additionalProperty, allowedValues, unevaluatedProperty } = error.params as Record<
    string,
    unknown
  >
  const extra: unknown = missingProperty ?? additionalProperty ?? unevaluatedProperty
  const parts = [place, ...rest, ...(typeof extra === 'string' ? [extra] : [])].filter((each) => each !== '')
  const [first = '', ...names] = parts
  const values = Array.isArray(allowedValues) ? `: ${allowedValues.join(', ')}` : ''
  const detail =
    missingProperty !== undefined
      ? 'is missing'
      : additionalProperty !== undefined || unevaluatedProperty !== undefined
        ? 'is not known here'
        : `${error.message ?? 'is not as it must be'}${values}`
  return { field: [PLACES[first] ?? first, ...names].join('.'), detail }
}
