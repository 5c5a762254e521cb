/**
 * What a filter says that holds of everything it finds: its types, its ids, and whether an index leads to it; and pieces that
 * filters are made of.
 */
import type { Filter } from 'mongodb'
import type { ResourceDocument } from './documents.ts'

type Predicate = Filter<ResourceDocument>
type Condition = readonly [field: string, value: unknown]

export interface FilterParts {
  /** undefined: it may be any */
  readonly types: readonly string[] | undefined
  /** it names the documents themselves */
  readonly isNamed: boolean
  /** one of these keys of lists it asks for; undefined: it goes along no list */
  readonly listKeys: readonly string[] | undefined
  /** something of what it asks stands in an index of search keys */
  readonly isLed: boolean
}

/** A page and its total ask of the same filter. */
const known = new WeakMap<object, FilterParts>()

export function partsOf(filter: object): FilterParts {
  let parts = known.get(filter)
  if (!parts) known.set(filter, (parts = readParts(conditionsOf(filter))))
  return parts
}

function readParts(conditions: readonly Condition[]): FilterParts {
  const places = conditions.filter(([field]) => field === 'tt' || field === '_id')
  const [, list] = conditions.find(([field]) => field === 's') ?? []
  return {
    types: places.map(([, value]) => typesOf(value)).find((types) => types !== undefined),
    isNamed: places.some(([field, value]) => field === '_id' && textsIn(value) !== undefined),
    listKeys: list === undefined ? undefined : textsIn(list),
    isLed: conditions.some(isLeading),
  }
}

function isLeading([field, value]: Condition): boolean {
  if (field === '$or') return (value as object[]).every((each) => conditionsOf(each).some(isLeading))
  return ['k', 's', 'd', 'n'].includes(field)
}

/** What all must hold. */
function conditionsOf(filter: object): Condition[] {
  return Object.entries(filter).flatMap(([field, value]: Condition) =>
    field === '$and' ? (value as object[]).flatMap(conditionsOf) : [[field, value] as const],
  )
}

/** Of `<tenant>/<Type>` and `<tenant>/<Type>/<id>`, and of what begins with one of the latter. */
function typesOf(value: unknown): string[] | undefined {
  if (isBetween(value)) {
    const [from, to] = [value.$gte, value.$lt].map((text) => text.split('/'))
    return from?.[2] !== undefined && to?.[2] !== undefined && from[1] === to[1] ? [from[1] as string] : undefined
  }
  const texts = textsIn(value)
  return texts && [...new Set(texts.map((text) => text.split('/')[1] ?? ''))]
}

function textsIn(value: unknown): string[] | undefined {
  const texts: unknown = typeof value === 'object' && value && '$in' in value ? value.$in : [value]
  return Array.isArray(texts) && texts.every((each) => typeof each === 'string') ? texts : undefined
}

function isBetween(value: unknown): value is { readonly $gte: string; readonly $lt: string } {
  const { $gte, $lt } = (value ?? {}) as { readonly $gte?: unknown; readonly $lt?: unknown }
  return typeof $gte === 'string' && typeof $lt === 'string'
}

/** The same along these lists. */
export function alongLists(filter: Predicate, keys: readonly string[]): Predicate {
  const along = ([field, value]: Condition): Condition => {
    if (field === '$and') return [field, (value as Predicate[]).map((each) => alongLists(each, keys))]
    return field === 's' ? [field, oneOf(keys)] : [field, value]
  }
  return Object.fromEntries(Object.entries(filter).map(along))
}

/** Denied twice: it holds, and no index is chosen for it. */
export function aside(predicate: Predicate): Predicate {
  return { $nor: [{ $nor: [predicate] }] }
}

/** To be one of the texts. */
export function oneOf(texts: readonly string[]): string | { readonly $in: readonly string[] } {
  const [first = '', ...others] = texts
  return others.length === 0 ? first : { $in: texts }
}
