/**
 * What the staff API shows of one type of FHIR: which of its resources, what may be asked of them, in which order they
 * come and how one is shown. A list and a single item are made of it.
 */
import type { Resource } from '@medplum/fhirtypes'
import type { FoundPage } from '../../http/answer.ts'
import { GatewayError } from '../../kernel/errors.ts'
import type { ApiAnswer, ApiOperation, ApiRequest } from './operation.ts'
import { ok } from './operation.ts'
import type { NamesOf } from './plain.ts'
import type { Query } from './records.ts'
import { versionOf } from './records.ts'

type Type = Resource['resourceType']
type Of<T extends Type> = Extract<Resource, { resourceType: T }> & { readonly id: string }

export interface Kind<T extends Type> {
  readonly type: T
  /** what is said of one that is not there: `prescription` */
  readonly name: string
  /** which of the type; all when not said */
  readonly among?: Query
  /** what each parameter of a list asks */
  readonly parameters: Readonly<Record<string, (value: string) => Query>>
  /** what they come by, the newest first: a date by which there are lists (src/r4/lists.ts) */
  readonly date: string
  /** what is read along, for its name */
  readonly include?: readonly string[]
  view(resource: Of<T>, names: NamesOf, tenant: string): object
}

/** What is shown of every resource, beside what its kind shows. */
export interface Shown {
  readonly id: string
  readonly version: number
}

type Asker = Pick<ApiRequest, 'records' | 'lines' | 'tenant'>

export interface Items {
  readonly items: readonly Shown[]
  readonly cursor?: string | undefined
}

export function listOf<T extends Type>(kind: Kind<T>): ApiOperation {
  return { handle: async (request) => ok(await itemsOf(kind, request, filtersIn(kind, request))) }
}

/** `filters` beside what makes it one of the kind. */
export async function itemsOf<T extends Type>(
  kind: Kind<T>,
  { query, ...asker }: Asker & Pick<ApiRequest, 'query'>,
  filters: Query,
): Promise<Items> {
  const { limit = 20, cursor } = query as { readonly limit?: number; readonly cursor?: string }
  const order: Query = [
    ['_sort', `-${kind.date}`],
    ['_count', String(limit)],
  ]
  const asked: Query = [...(kind.among ?? []), ...filters, ...along(kind), ...order]
  const page = await asker.records.list(kind.type, asked, cursor)
  return { items: linesOf(kind, asker, page), cursor: page.next }
}

export function filtersIn<T extends Type>({ parameters }: Kind<T>, { query }: Pick<ApiRequest, 'query'>): Query {
  return Object.entries(parameters).flatMap(([name, asked]) => {
    const value = query[name]
    return typeof value === 'string' ? asked(value) : []
  })
}

export function oneOf<T extends Type>(kind: Kind<T>): ApiOperation {
  return { handle: async (request) => itemWith(await findOne(kind, request, request.path['id'] as string)) }
}

/** With the version that a change may name. */
export function itemWith(body: Shown, status = 200): ApiAnswer {
  return { status, body, headers: { ETag: `W/"${body.version}"` } }
}

/** By a search: what is of the type and not of the kind is as little there as what is not the caller's. */
export async function findOne<T extends Type>(kind: Kind<T>, asker: Asker, id: string): Promise<Shown> {
  const asked: Query = [['_id', id], ...(kind.among ?? []), ...along(kind)]
  const [one] = linesOf(kind, asker, await asker.records.list(kind.type, asked))
  if (!one) throw new GatewayError('GW_NOT_FOUND', `There is no ${kind.name} with this id.`)
  return one
}

/** No total: nobody needs it, and it would be counted. */
function along<T extends Type>({ type, include = [] }: Kind<T>): Query {
  return [...include.map((each) => ['_include', `${type}:${each}`] as const), ['_total', 'none']]
}

function linesOf<T extends Type>(kind: Kind<T>, { lines, tenant }: Asker, page: FoundPage): Shown[] {
  return lines.of(kind.name, page, (resource: Of<T>, names) => {
    return { id: resource.id, version: versionOf(resource), ...kind.view(resource, names, tenant) }
  })
}
