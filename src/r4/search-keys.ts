/**
 * What of a resource is searchable, in the form the store keeps and indexes beside it.
 *
 * All search parameters of a type are merged into one walk over the resource; it is planned when a type first comes by.
 */
import { componentsOf } from './components.ts'
import { type ElementPath, elementPaths, type JsonObject } from './element-paths.ts'
import { compositeKeys, compositePaths } from './keys/composite.ts'
import { extractorFor } from './keys/extractors.ts'
import { type Extractor, largestOf, type SearchKeys, sortBy } from './keys/shape.ts'
import { addPlace } from './keys/place.ts'
import { presentKey, tokenKeys } from './keys/text.ts'
import { addWords } from './keys/words.ts'
import { listKeys } from './lists.ts'
import { addPath, type Branch, compilePath, walk } from './path.ts'
import { type SearchParameter, searchParametersOf } from './search-parameters.ts'
import { unionsOf } from './unions.ts'

export type { SearchKeys }

interface Plan {
  /** Names of the elements of the resource that keys are made of; undefined: any. */
  elements: Set<string> | undefined
  readonly branches: Branch<SearchKeys>[]
  /** Parameters whose value is whether something is there: they have a value for every resource. */
  readonly presences: { readonly code: string; isPresent: (resource: JsonObject) => boolean }[]
  /** What is more than values of paths: composites, words, places. */
  readonly others: ((resource: JsonObject, keys: SearchKeys) => void)[]
  /** Sorted by the values of what they are made of. */
  readonly unions: { readonly code: string; readonly members: readonly string[] }[]
}

/** Served by fields of their own; and how a name sounds, which nothing here knows. */
const notInKeys = new Set(['_id', '_lastUpdated', 'phonetic'])
interface Special {
  readonly add: (resource: JsonObject, keys: SearchKeys) => void
  /** of which it makes keys; undefined: any */
  readonly element?: string
}
/** `_content` has the words of `_text` too, so that they are written once. */
const specials: Readonly<Record<string, Special>> = {
  _content: { add: addWords },
  near: { add: addPlace, element: 'position' },
}
/** Beside the elements of parameters: what `#id` refers to says which type a reference is of. */
const always = ['resourceType', 'contained']
const plans = new WeakMap<ReadonlyMap<string, SearchParameter>, Plan>()

export function searchKeys(resource: JsonObject): SearchKeys {
  const type = String(resource['resourceType'])
  const { branches, presences, others, unions } = planFor(type)
  const keys: SearchKeys = { k: [], d: [], n: [], o: {} }
  walk(branches, resource, resource, keys)
  for (const { code, isPresent } of presences) {
    const value = String(isPresent(resource))
    keys.k.push(...tokenKeys(code, undefined, value))
    keys.o[code] = value
  }
  for (const add of others) add(resource, keys)
  for (const { code, members } of unions) {
    for (const value of members.flatMap((member) => [keys.o[member], keys.o[largestOf(member)]])) {
      if (value !== undefined) sortBy(keys, code, value)
    }
  }
  keys.k = sortedOnce(keys.k)
  return Object.assign(keys, listKeys(type, keys))
}

/** The part of a resource that its keys are made of, as text: while it is the same, the keys are. */
export function searchedPart(resource: JsonObject): string {
  const { elements } = planFor(String(resource['resourceType']))
  if (!elements) return JSON.stringify(resource)
  const part: Record<string, unknown> = {}
  for (const name of Object.keys(resource)) if (elements.has(name)) part[name] = resource[name]
  return JSON.stringify(part)
}

function planFor(type: string): Plan {
  const parameters = searchParametersOf(type)
  const known = plans.get(parameters)
  if (known !== undefined) return known
  const unions = unionsOf(type)
  const plan: Plan = { elements: new Set(always), branches: [], presences: [], others: [], unions: [] }
  for (const parameter of parameters.values()) {
    const members = unions.get(parameter.code)
    if (members !== undefined) plan.unions.push({ code: parameter.code, members: members.map(({ code }) => code) })
    else if (!notInKeys.has(parameter.code)) addParameter(plan, parameter, type)
  }
  plans.set(parameters, plan)
  return plan
}

function addParameter(plan: Plan, parameter: SearchParameter, resourceType: string): void {
  const { code, type, expression } = parameter
  const special = specials[code]
  if (special !== undefined) addSpecial(plan, special)
  if (expression === undefined || type === 'special') return
  if (type === 'composite') {
    const components = componentsOf(parameter, resourceType)
    if (!components) return
    addElements(plan, compositePaths(expression, components, resourceType))
    plan.others.push(compositeKeys(code, expression, components, resourceType))
    return
  }
  const paths = elementPaths(expression, resourceType)
  addElements(plan, paths)
  if (paths.some((path) => path.presence)) {
    const values = compilePath(expression, resourceType)
    plan.presences.push({ code, isPresent: (resource) => values(resource)[0] === true })
    return
  }
  for (const path of paths) {
    const extractor = extractorFor(type, path.type)
    if (extractor !== undefined) addPath(plan.branches, path, orPresent(extractor, code))
  }
}

function addSpecial(plan: Plan, { add, element }: Special): void {
  if (element === undefined) plan.elements = undefined
  else plan.elements?.add(element)
  plan.others.push(add)
}

/** Beside a primitive its extensions say that it is there. */
function addElements({ elements }: Plan, paths: readonly ElementPath[]): void {
  for (const name of paths.flatMap(({ steps }) => steps[0]?.name ?? [])) elements?.add(name).add(`_${name}`)
}

/** A value that gives no key (a reference that is a display only) is found by `:missing=false` all the same. */
function orPresent(extractor: Extractor, code: string): ReturnType<Extractor> {
  const extract = extractor(code)
  const present = presentKey(code)
  return (value, sibling, keys) => {
    const before = keys.k.length + keys.d.length + keys.n.length
    extract(value, sibling, keys)
    if (value !== undefined && before === keys.k.length + keys.d.length + keys.n.length) keys.k.push(present)
  }
}

/** In the order of UTF-16 units. Called with a comparison, sorting takes two thirds of the time it takes without. */
function sortedOnce(texts: string[]): string[] {
  return texts.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)).filter((text, index) => text !== texts[index - 1])
}
