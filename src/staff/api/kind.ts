/**
 * What the staff API shows of one type of FHIR: which of its resources, what may be asked of them, in which order they
 * come and how one is shown. A list and a single item are made of it.
 */
import type { Resource } from '@medplum/fhirtypes'
import { GatewayError } from '../../kernel/errors.ts'
import type { ApiAnswer, ApiOperation, ApiRequest } from './operation.ts'
import { ok } from './operation.ts'
import type { NamesOf } from './plain.ts'
import { namesIn } from './plain.ts'
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

type Asker = Pick<ApiRequest, 'records' | 'tenant'>

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
  const page: Query = [
    ['_sort', `-${kind.date}`],
    ['_count', String(limit)],
  ]
  const asked: Query = [...(kind.among ?? []), ...filters, ...along(kind), ...page]
  const { found, included, cursor: next } = await asker.records.search(kind.type, asked, cursor)
  return { items: found.map((each) => shownOf(kind, asker, each, included)), cursor: next }
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
  const { found, included } = await asker.records.search(kind.type, asked)
  const [one] = found
  if (!one) throw new GatewayError('GW_NOT_FOUND', `There is no ${kind.name} with this id.`)
  return shownOf(kind, asker, one, included)
}

/** No total: nobody needs it, and it would be counted. */
function along<T extends Type>({ type, include = [] }: Kind<T>): Query {
  return [...include.map((each) => ['_include', `${type}:${each}`] as const), ['_total', 'none']]
}

function shownOf<T extends Type>(
  kind: Kind<T>,
  { tenant }: Asker,
  resource: Of<T>,
  included: readonly Resource[],
): Shown {
  const plain = kind.view(resource, namesIn(included), tenant)
  return { id: resource.id, version: versionOf(resource), ...plain }
}
