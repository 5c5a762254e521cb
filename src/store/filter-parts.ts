/** What a filter says that holds of everything it finds: its types, its ids, and whether an index leads to it. */

type Condition = readonly [field: string, value: unknown]

/** Several things are asked of one filter. */
const known = new WeakMap<object, readonly Condition[]>()

/** What all must hold. */
function conditionsOf(filter: object): readonly Condition[] {
  let conditions = known.get(filter)
  if (!conditions) known.set(filter, (conditions = readConditions(filter)))
  return conditions
}

function readConditions(filter: object): Condition[] {
  return Object.entries(filter).flatMap(([field, value]: Condition) =>
    field === '$and' ? (value as object[]).flatMap(readConditions) : [[field, value] as const],
  )
}

/** Undefined: it may be any. */
export function typesIn(filter: object): string[] | undefined {
  const named = conditionsOf(filter).flatMap(([field, value]) =>
    field === 'tt' || field === '_id' ? [typesOf(value)] : [],
  )
  return named.find((types) => types !== undefined)
}

/** It names the documents themselves. */
export function namesIds(filter: object): boolean {
  return conditionsOf(filter).some(([field, value]) => field === '_id' && textsIn(value) !== undefined)
}

/** One of these keys of lists it asks for; undefined: it goes along no list. */
export function listKeysIn(filter: object): string[] | undefined {
  const [, value] = conditionsOf(filter).find(([field]) => field === 's') ?? []
  return value === undefined ? undefined : textsIn(value)
}

/** Something of what it asks stands in an index of search keys. */
export function isLed(filter: object): boolean {
  return conditionsOf(filter).some(([field, value]) =>
    field === '$or' ? (value as object[]).every(isLed) : ['k', 's', 'd', 'n'].includes(field),
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
