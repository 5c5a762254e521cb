/** The search parameters of R4 (search-parameters.json of 4.0.1), by resource type and code. */
import { readDefinitions } from './definitions.ts'
import { isResourceType } from './elements.ts'

export type SearchParameterType =
  'string' | 'token' | 'reference' | 'date' | 'number' | 'quantity' | 'uri' | 'composite' | 'special'

export interface SearchParameter {
  readonly code: string
  readonly url: string
  readonly type: SearchParameterType
  /** FHIRPath over every base; `compilePath` takes what concerns one type. Absent for `_text`, `_content`, `_query`. */
  readonly expression?: string
  readonly base: readonly string[]
  /** Resource types a reference parameter may point at. */
  readonly target?: readonly string[]
  /** The parts of a composite parameter. */
  readonly components?: readonly { readonly url: string; readonly expression: string }[]
}

interface Row {
  code: string
  url: string
  type: SearchParameterType
  expression?: string
  base: string
  target?: string
  component?: { url: string; expression: string }[]
}

const domainless = new Set(['Binary', 'Bundle', 'Parameters'])
let byBase: Map<string, SearchParameter[]> | undefined
const byType = new Map<string, ReadonlyMap<string, SearchParameter>>()
const none: ReadonlyMap<string, SearchParameter> = new Map()

/** Parameters of a resource type by code, those of Resource and DomainResource included; empty for an unknown type. */
export function searchParametersOf(type: string): ReadonlyMap<string, SearchParameter> {
  if (!isResourceType(type)) return none
  const known = byType.get(type)
  if (known !== undefined) return known
  byBase ??= readByBase()
  const bases = domainless.has(type) ? ['Resource', type] : ['Resource', 'DomainResource', type]
  const parameters = bases.flatMap((base) => byBase?.get(base) ?? [])
  const byCode = new Map(parameters.map((parameter) => [parameter.code, parameter]))
  byType.set(type, byCode)
  return byCode
}

function readByBase(): Map<string, SearchParameter[]> {
  const result = new Map<string, SearchParameter[]>()
  for (const parameter of (readDefinitions('search-parameters') as Row[]).map(fromRow)) {
    for (const base of parameter.base) result.set(base, [...(result.get(base) ?? []), parameter])
  }
  return result
}

function fromRow({ code, url, type, expression, base, target, component }: Row): SearchParameter {
  return {
    code,
    url,
    type,
    base: base.split(' '),
    ...(expression !== undefined && { expression }),
    ...(target !== undefined && { target: target.split(' ') }),
    ...(component !== undefined && { components: component }),
  }
}
