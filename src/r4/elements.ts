/**
 * What elements each R4 resource type, data type and backbone element has.
 *
 * The committed file holds one line an element, as `value[x] 0..1 Quantity|Reference(Patient|Group) <binding>`; a type's
 * lines are parsed when the type is first asked for.
 */
import { readDefinitions } from './definitions.ts'

export interface ElementDefinition {
  readonly name: string
  /** `string`, `CodeableConcept`; backbone elements are named by their path, `Patient.contact`. */
  readonly type: string
  readonly array: boolean
  readonly required: boolean
  /** Position in the StructureDefinition; the names of one choice share it. */
  readonly order: number
  /** `value` for valueQuantity. */
  readonly choice?: string
  /** Resource types a Reference may point at; absent when any. */
  readonly targets?: readonly string[]
  /** Canonical of a required binding, without version. */
  readonly binding?: string
}

const lines = readDefinitions('elements') as Record<string, readonly string[]>
const primitives = new Set(readDefinitions('primitive-types') as string[])
const parsed = new Map<string, ReadonlyMap<string, ElementDefinition>>()

/** The concrete resource types of R4, in alphabetical order. */
export const resourceTypes: readonly string[] = readDefinitions('resource-types') as string[]
const resourceTypeSet = new Set(resourceTypes)

export function isResourceType(name: string): boolean {
  return resourceTypeSet.has(name)
}

export function isPrimitive(type: string): boolean {
  return primitives.has(type)
}

/** Elements by JSON name, inherited ones included, a choice under each of its names (`valueQuantity`). */
export function elementsOf(type: string): ReadonlyMap<string, ElementDefinition> | undefined {
  const known = parsed.get(type)
  if (known !== undefined || !Object.hasOwn(lines, type)) return known
  const elements = (lines[type] ?? []).flatMap(parseLine)
  const byName = new Map(elements.map((element) => [element.name, element]))
  parsed.set(type, byName)
  return byName
}

function parseLine(line: string, order: number): ElementDefinition[] {
  const [name = '', cardinality = '', types = '', binding] = line.split(' ')
  const choice = name.endsWith('[x]') ? name.slice(0, -3) : undefined
  return splitTypes(types).map((text) => {
    const [type = '', targets] = text.split('(')
    return {
      name: choice === undefined ? name : choice + type.charAt(0).toUpperCase() + type.slice(1),
      type,
      array: cardinality.endsWith('*') || Number(cardinality.slice(cardinality.indexOf('..') + 2)) > 1,
      required: !cardinality.startsWith('0'),
      order,
      ...(choice !== undefined && { choice }),
      ...(targets !== undefined && { targets: targets.slice(0, -1).split('|') }),
      ...(binding !== undefined && { binding }),
    }
  })
}

/** `Quantity|Reference(Patient|Group)` → `Quantity`, `Reference(Patient|Group)`. */
function splitTypes(types: string): string[] {
  return types.match(/[^|(]+(\([^)]*\))?/g) ?? []
}
