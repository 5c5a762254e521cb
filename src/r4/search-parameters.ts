/**
 * The search parameters there are, by resource type and code: those of R4 (search-parameters.json of 4.0.1), and our own,
 * which the program names once when it starts (`useSearchParameters`). Search keys, searches and the CapabilityStatement
 * are all made of this registry.
 */
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
  /** True: one of ours, not of R4. */
  readonly own?: true
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

/** What is registered; another one when other parameters are in use, so that what was made of it is told apart. */
export interface ParameterSet {
  readonly own: readonly SearchParameter[]
  readonly words: boolean
  readonly byType: Map<string, ReadonlyMap<string, SearchParameter>>
}

const domainless = new Set(['Binary', 'Bundle', 'Parameters'])
let byBase: Map<string, SearchParameter[]> | undefined
let inUse: ParameterSet = { own: [], words: false, byType: new Map() }
const none: ReadonlyMap<string, SearchParameter> = new Map()

/** Their keys are the words of everything, so that every change of a text changes what is indexed: only where wanted. */
const ofWords = new Set(['_text', '_content'])

/** Our own parameters beside those of R4, in the place of those used before; with `words`, `_text` and `_content` too. */
export function useSearchParameters(own: readonly SearchParameter[], { words = false } = {}): void {
  inUse = { own, words, byType: new Map() }
}

export function parametersInUse(): ParameterSet {
  return inUse
}

/** Parameters of a resource type by code, those of Resource and DomainResource included; empty for an unknown type. */
export function searchParametersOf(type: string): ReadonlyMap<string, SearchParameter> {
  if (!isResourceType(type)) return none
  const known = inUse.byType.get(type)
  if (known !== undefined) return known
  const own = inUse.own.filter(({ base }) => base.some((each) => basesOf(type).includes(each)))
  const byCode = new Map([...standardParametersOf(type), ...own].map((parameter) => [parameter.code, parameter]))
  inUse.byType.set(type, byCode)
  return byCode
}

/** Those of R4 alone. */
export function standardParametersOf(type: string): SearchParameter[] {
  byBase ??= readByBase()
  const all = basesOf(type).flatMap((base) => byBase?.get(base) ?? [])
  return inUse.words ? all : all.filter(({ code }) => !ofWords.has(code))
}

function basesOf(type: string): string[] {
  return domainless.has(type) ? ['Resource', type] : ['Resource', 'DomainResource', type]
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
