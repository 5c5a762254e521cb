/**
 * The records as the staff API reads and writes them: through the FHIR API, with the rights of who asks. What may be seen,
 * what is valid, what goes to which source row and what is put on record is decided there, once.
 */
import type { Resource } from '@medplum/fhirtypes'
import type { Caller } from '../../access/caller.ts'
import type { Answer, FhirHandler, FhirRequest, FoundPage, Free } from '../../http/answer.ts'
import type { Deadline } from '../../kernel/deadline.ts'
import { GatewayError } from '../../kernel/errors.ts'
import { parseJson, stringifyJson } from '../../r4/json.ts'
import type { Once } from '../../store/kept-answers.ts'
import type { Stored } from '../../store/raw.ts'

export type Query = readonly (readonly [name: string, value: string])[]

export interface Page<T extends Resource> {
  readonly found: readonly T[]
  /** what was included with them */
  readonly included: readonly Resource[]
  /** of the next page */
  readonly cursor?: string
}

export interface Writing {
  /** the version that is changed, and no other */
  readonly version?: number | undefined
  /** nothing else may be in its place */
  readonly free?: Free
}

type Type = Resource['resourceType']
type Of<T extends Type> = Extract<Resource, { resourceType: T }> & { readonly id: string }

export interface Records {
  /** One that may not be seen is one that is not there: 404. */
  read<T extends Type>(type: T, id: string): Promise<Of<T>>
  readVersion(name: string): Promise<Resource>
  search<T extends Type>(type: T, query: Query, cursor?: string): Promise<Page<Of<T>>>
  /** The same, as it is stored: for lines.ts. */
  list(type: Type, query: Query, cursor?: string): Promise<FoundPage>
  /** Of several types together, by what they have in common. */
  searchAmong<T extends Type>(types: readonly T[], query: Query, cursor?: string): Promise<Page<Of<T>>>
  create<T extends Type>(resource: Extract<Resource, { resourceType: T }>, writing?: Writing): Promise<Of<T>>
  update<T extends Type>(resource: Of<T>, writing?: Writing): Promise<Of<T>>
  /**
   * Changes what is there, whatever somebody else makes of it meanwhile: `edit` is asked again then. With a version it is
   * that one or 412.
   */
  change<T extends Type>(type: T, id: string, edit: (current: Of<T>) => Of<T>, writing?: Writing): Promise<Of<T>>
  /** The bytes of a Binary, with the headers that keep them harmless. */
  file(id: string): Promise<Answer>
  /** Any other interaction: `Patient/1/$everything`. */
  ask(method: string, path: readonly string[], query?: Query, body?: object): Promise<object>
}

export interface RecordsOptions {
  readonly fhir: FhirHandler
  readonly caller: Caller
  /** of the tenant */
  readonly base: string
  readonly deadline: Deadline
  readonly address?: string | undefined
  readonly once?: Once | undefined
}

const CHANGE_TRIES = 5

export function recordsOf(options: RecordsOptions): Records {
  const ask = (method: string, path: readonly string[], more: Asked = {}): Promise<unknown> =>
    sendTo(options, method, path, more)
  const read = async <T extends Type>(type: T, id: string): Promise<Of<T>> => (await ask('GET', [type, id])) as Of<T>
  const update = async <T extends Type>(resource: Of<T>, { version, free }: Writing = {}): Promise<Of<T>> => {
    const headers = version === undefined ? {} : { 'if-match': `W/"${version}"` }
    return (await ask('PUT', [resource.resourceType, resource.id], { body: resource, headers, free })) as Of<T>
  }
  return {
    read,
    update,
    readVersion: async (name) => (await ask('GET', name.split('/'))) as Resource,
    list: (type, query, cursor) => pageAt(options, [type], pageQuery(query, cursor)),
    search: async <T extends Type>(type: T, query: Query, cursor?: string) =>
      resourcesOf<Of<T>>(await pageAt(options, [type], pageQuery(query, cursor))),
    searchAmong: async <T extends Type>(types: readonly T[], query: Query, cursor?: string) => {
      const among: Query = [['_type', types.join(',')], ...query]
      return resourcesOf<Of<T>>(await pageAt(options, [], pageQuery(among, cursor)))
    },
    create: async <T extends Type>(resource: Extract<Resource, { resourceType: T }>, { free }: Writing = {}) =>
      (await ask('POST', [resource.resourceType], { body: resource, free })) as Of<T>,
    async change(type, id, edit, { version, free } = {}) {
      for (let tries = 1; ; tries++) {
        const current = await read(type, id)
        const edited = edit(current)
        try {
          return await update(edited, { version: version ?? versionOf(current), ...(free && { free }) })
        } catch (error) {
          if (version !== undefined || tries === CHANGE_TRIES || !isOvertaken(error)) throw error
        }
      }
    },
    file: (id) => answerTo(options, 'GET', ['Binary', id], { headers: { accept: '*/*' } }),
    ask: async (method, path, query, body) => (await ask(method, path, { query, body })) as object,
  }
}

export function versionOf({ meta }: Resource): number {
  return Number(meta?.versionId)
}

/** A text as the value of a parameter: what separates values is part of it (https://hl7.org/fhir/R4/search.html#escaping). */
export function escaped(text: string): string {
  return text.replaceAll(/[\\,|$]/g, '\\$&')
}

/** A cursor belongs to the query it came from. */
function pageQuery(query: Query, cursor: string | undefined): Query {
  return cursor === undefined ? query : [...query, ['_page', cursor]]
}

interface Asked {
  readonly query?: Query | undefined
  readonly body?: object | undefined
  readonly headers?: Readonly<Record<string, string>>
  readonly free?: Free | undefined
  readonly asPage?: boolean
}

async function sendTo(
  options: RecordsOptions,
  method: string,
  path: readonly string[],
  asked: Asked,
): Promise<unknown> {
  const { body } = await answerTo(options, method, path, asked)
  return parseJson(body?.toString() ?? '{}')
}

async function pageAt(options: RecordsOptions, path: readonly string[], query: Query): Promise<FoundPage> {
  const { page } = await answerTo(options, 'GET', path, { query, asPage: true })
  if (!page) throw new Error('A search gave no page.')
  return page
}

function answerTo(
  { fhir, caller, base, deadline, address, once }: RecordsOptions,
  method: string,
  path: readonly string[],
  { query = [], body, headers = {}, free, asPage = false }: Asked,
): Promise<Answer> {
  const type = { 'content-type': 'application/fhir+json', ...headers }
  const request: FhirRequest = {
    ...{ method, path, query, base, caller, deadline, tenant: caller.permit.tenant },
    ...(body && { body: stringifyJson(body) }),
    ...(address !== undefined && { address }),
    ...(free && { free }),
    ...(asPage && { asPage }),
    ...(once && method !== 'GET' && { once }),
    header: (name) => (Object.hasOwn(type, name) ? type[name as keyof typeof type] : undefined),
  }
  return fhir(request)
}

function resourcesOf<T extends Resource>({ matches, included, next }: FoundPage): Page<T> {
  return {
    found: matches.map(resourceIn) as T[],
    included: included.map(resourceIn),
    ...(next !== undefined && { cursor: next }),
  }
}

/** Its decimals are shown, never written back. */
export function resourceIn({ body }: Stored): Resource {
  return JSON.parse(body.toString()) as Resource
}

/** Somebody else was faster. */
export function isOvertaken(error: unknown): boolean {
  return error instanceof GatewayError && error.code === 'GW_PRECONDITION'
}
