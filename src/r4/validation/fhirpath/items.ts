/** The collections that an expression goes through: values of a resource with their types. */
import { elementsOf, isPrimitive } from '../../elements.ts'
import { planOf } from '../../structure-plan.ts'

type JsonObject = Readonly<Record<string, unknown>>

export interface Item {
  /** undefined: a primitive that has extensions only */
  readonly value: unknown
  /** of FHIR, or `boolean`, `string`, `integer`, `decimal` for what was computed */
  readonly type: string
  /** what stands beside a primitive */
  readonly sibling?: JsonObject
  /** where it stands in the object around it */
  readonly name?: string
  readonly index?: number
}

export type Items = readonly Item[]

export const NONE: Items = []
export const TRUE: Items = [{ value: true, type: 'boolean' }]
export const FALSE: Items = [{ value: false, type: 'boolean' }]

export function truth(value: boolean): Items {
  return value ? TRUE : FALSE
}

export function resourceItem(resource: object): Item {
  return { value: resource, type: String((resource as JsonObject)['resourceType']) }
}

/** What `name` of the objects gives: also a choice by its name without type. */
export function childrenOf(items: Items, name: string): Items {
  const found: Item[] = []
  for (const item of items) addChildren(found, item, name)
  return found
}

/** Every element below, of every name. */
export function allChildren(items: Items): Items {
  const found: Item[] = []
  for (const item of items) {
    const { value, type, sibling } = item
    if (sibling) for (const name of Object.keys(sibling)) addChildren(found, { value: sibling, type: 'Element' }, name)
    if (!isJsonObject(value)) continue
    for (const name of new Set(Object.keys(value).map((key) => key.replace(/^_/, ''))))
      addProperty(found, value, type, name)
  }
  return found
}

interface Property {
  readonly name: string
  readonly type: string
}

const properties = new Map<string, readonly Property[]>()

function addChildren(found: Item[], { value, type, sibling }: Item, name: string): void {
  const object = isJsonObject(value) ? value : sibling
  if (!object) return
  const owner = isJsonObject(value) ? type : 'Element'
  for (const property of propertiesOf(owner, name)) addValues(found, object, property)
}

function addProperty(found: Item[], object: JsonObject, type: string, name: string): void {
  const member = planOf(type).members.get(name)
  if (member) addValues(found, object, { name, type: member.type })
}

/** `value` → valueQuantity, valueString, … */
function propertiesOf(type: string, name: string): readonly Property[] {
  const key = `${type} ${name}`
  const known = properties.get(key)
  if (known) return known
  const elements = elementsOf(type)
  const plain = elements?.get(name)
  const chosen = plain ? [plain] : [...(elements?.values() ?? [])].filter(({ choice }) => choice === name)
  const found = chosen.map((element) => ({ name: element.name, type: element.type }))
  properties.set(key, found)
  return found
}

function addValues(found: Item[], object: JsonObject, { name, type }: Property): void {
  const value = object[name]
  const beside = isPrimitive(type) ? object[`_${name}`] : undefined
  if (value === undefined && beside === undefined) return
  if (!Array.isArray(value) && !Array.isArray(beside)) addValue(found, value, beside, { type, name })
  else {
    const values = Array.isArray(value) ? value : []
    const siblings = Array.isArray(beside) ? beside : []
    const count = Math.max(values.length, siblings.length)
    for (let index = 0; index < count; index++) addValue(found, values[index], siblings[index], { type, name, index })
  }
}

function addValue(found: Item[], value: unknown, beside: unknown, place: Omit<Item, 'value'>): void {
  const sibling = isJsonObject(beside) ? { sibling: beside } : undefined
  if ((value === undefined || value === null) && !sibling) return
  const type = place.type === 'Resource' && isJsonObject(value) ? String(value['resourceType']) : place.type
  found.push({ ...place, value: value ?? undefined, type, ...sibling })
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !('rawJSON' in value)
}
