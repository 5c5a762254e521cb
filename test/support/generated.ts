/**
 * Arbitrary valid resources of every R4 type, from the definitions that the gateway itself works with: each element
 * with some probability, every type of a choice, codes of the required value sets, references to resources that a set
 * of generated ones has, extensions, narratives and contained resources.
 */
import fc from 'fast-check'
import { readDefinitions } from '../../src/r4/definitions.ts'
import { type ElementDefinition, elementsOf, isPrimitive, resourceTypes } from '../../src/r4/elements.ts'
import { codesOf } from '../../src/r4/required-codes.ts'
import { type Json, mended } from './generated-invariants.ts'
import { knownCodes, primitives } from './generated-primitives.ts'
import { type Inner, referenceTo, shapes } from './generated-shapes.ts'

export type { Json }

export interface Resource extends Json {
  readonly resourceType: string
}

const mostDepth = 4
/** How probable an optional element is, in percent, by depth. */
const chances = [50, 35, 25, 15, 10]
const insiders = ['Basic', 'Patient', 'Observation']
const concepts = readDefinitions('required-concepts') as Readonly<Record<string, readonly string[]>>
const made = new Map<string, fc.Arbitrary<Json>>()

/** A resource of the type, without id. */
export function resourceOf(type: string): fc.Arbitrary<Resource> {
  const whole = objectOf(type, 0).map((elements): Resource => ({ resourceType: type, ...claiming(type, elements) }))
  const reference = [...(elementsOf(type)?.values() ?? [])].find(
    (it) => it.type === 'Reference' && it.choice === undefined,
  )
  if (reference === undefined || !elementsOf(type)?.has('contained')) return whole
  const contained = fc.constantFrom(...(reference.targets ?? insiders)).chain(containable)
  return fc
    .tuple(whole, fc.option(contained, { freq: 5 }))
    .map(([resource, inner]) => (inner ? containing(resource, inner, reference) : resource))
}

/** Of profiles, R4's own: it is what others know too. Version and time are the gateway's. */
function claiming(type: string, { meta, ...elements }: Json): Json {
  const { profile, _profile: _beside, versionId: _version, lastUpdated: _time, ...kept } = (meta ?? {}) as Json
  if (profile !== undefined) kept['profile'] = [`http://hl7.org/fhir/StructureDefinition/${type}`]
  return Object.keys(kept).length > 0 ? { meta: kept, ...elements } : elements
}

/** A smaller resource, as there are in others. */
function containable(type: string): fc.Arbitrary<Resource> {
  return objectOf(type, 2).map(({ meta: _meta, ...elements }) => ({ resourceType: type, ...elements }))
}

/** The resource with the other in it, and a reference to that. */
function containing(resource: Resource, inner: Json, { name, array }: ElementDefinition): Resource {
  const local = { reference: '#c1' }
  const { resourceType, contained: _contained, [name]: others, ...elements } = resource
  const references = array ? [local, ...(Array.isArray(others) ? (others as unknown[]) : [])] : local
  return { resourceType, contained: [{ ...inner, id: 'c1' }], ...elements, [name]: references }
}

function objectOf(type: string, depth: number): fc.Arbitrary<Json> {
  const key = `${type}/${depth}`
  const known = made.get(key)
  if (known) return known
  const shape = shapes[type]
  const result = shape ? shape((inner) => objectOf(inner, depth + 1)) : fragmentsOf(type, depth)
  const valid = result.map((it) => mended(type, it))
  made.set(key, valid)
  return valid
}

/** Elements in the order of the definitions; of an object that would be empty, the first that can be. */
function fragmentsOf(type: string, depth: number): fc.Arbitrary<Json> {
  const elements = [...(elementsOf(type)?.values() ?? [])].filter((it) => !['id', 'contained'].includes(it.name))
  const groups = [...Map.groupBy(elements, (it) => it.choice ?? it.name).values()]
  const wanted = groups.filter(([it]) => it?.required === true || isWanted(it as ElementDefinition, depth))
  const [least] = groups.filter(([it]) => it?.name !== 'extension' && it?.name !== 'modifierExtension').sort(simpler)
  const fragments = wanted.map((group) => optional(group, depth))
  const fallback = groupOf(least as ElementDefinition[], depth)
  return fc.tuple(fallback, ...fragments).map(([other, ...parts]) => {
    const object = Object.assign({}, ...parts) as Json
    return Object.keys(object).length > 0 ? object : other
  })
}

function simpler([one]: ElementDefinition[], [other]: ElementDefinition[]): number {
  const rank = (it?: ElementDefinition): number => (it && isPrimitive(it.type) ? 0 : it?.type.includes('.') ? 2 : 1)
  return rank(one) - rank(other)
}

/** Deep down, what is not required is simple. */
function isWanted({ type, name }: ElementDefinition, depth: number): boolean {
  if (['id', 'implicitRules', 'modifierExtension'].includes(name)) return false
  if (depth < 2) return true
  return isPrimitive(type) || (depth < mostDepth && !type.includes('.') && type !== 'Extension' && type !== 'Resource')
}

function optional(group: ElementDefinition[], depth: number): fc.Arbitrary<Json> {
  const arbitrary = groupOf(group, depth)
  const [{ required, type }] = group as [ElementDefinition]
  if (required) return arbitrary
  const weight = type === 'Extension' ? 6 : (chances[depth] ?? 10)
  return fc.oneof({ weight: 100 - weight, arbitrary: fc.constant({}) }, { weight, arbitrary })
}

/** One type of a choice; the element with its value, or values. */
function groupOf(group: readonly ElementDefinition[], depth: number): fc.Arbitrary<Json> {
  const simple = group.filter((it) => depth < 3 || isPrimitive(it.type))
  return fc.oneof(...(simple.length > 0 ? simple : group).map((element) => elementOf(element, depth)))
}

function elementOf(element: ElementDefinition, depth: number): fc.Arbitrary<Json> {
  const { name, type, array } = element
  const item = valueOf(element, depth)
  const max = depth === 0 ? 3 : 2
  if (!isPrimitive(type) || name === 'url' || type === 'xhtml') {
    return (array ? fc.array(item, { minLength: 1, maxLength: max }) : item).map((value) => ({ [name]: value }))
  }
  const pair = fc.oneof(
    { weight: 20, arbitrary: item.map((value): Pair => [value, null]) },
    { weight: 1, arbitrary: item.map((value): Pair => [value, beside]) },
    // Where a code is required, a reason for its absence is none of the codes
    { weight: element.binding === undefined ? 1 : 0, arbitrary: fc.constant<Pair>([null, beside]) },
  )
  if (!array)
    return pair.map(([value, sibling]) => ({
      ...(value !== null && { [name]: value }),
      ...(sibling && { [`_${name}`]: sibling }),
    }))
  return fc.array(pair, { minLength: 1, maxLength: max }).map((pairs) => listed(name, pairs))
}

type Pair = [value: unknown, sibling: Json | null]

/** What may stand beside a primitive, or in its place. */
const beside: Json = {
  extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'masked' }],
}

function listed(name: string, pairs: readonly Pair[]): Json {
  const [values, siblings] = [pairs.map(([value]) => value), pairs.map(([, sibling]) => sibling)]
  return {
    ...(values.some((it) => it !== null) && { [name]: values }),
    ...(siblings.some((it) => it !== null) && { [`_${name}`]: siblings }),
  }
}

function valueOf(
  { name, type, binding = '', targets, choice }: ElementDefinition,
  depth: number,
): fc.Arbitrary<unknown> {
  const inner: Inner = (other) => objectOf(other, depth + 1)
  if (type === 'Resource') return fc.constantFrom(...insiders).chain((it) => containable(it))
  if (type === 'Quantity' && choice === undefined)
    return inner(type).map(({ comparator: _comparator, ...rest }) => rest)
  if (type === 'Reference') return referenceTo(targets ?? resourceTypes, inner)
  if (isPrimitive(type)) {
    const codes = knownCodes[binding] ??
      (type === 'code' ? knownCodes[name] : undefined) ?? [...(codesOf(binding) ?? [])]
    return codes.length > 0 ? fc.constantFrom(...codes) : (primitives[type] as fc.Arbitrary<unknown>)
  }
  const bound = concepts[binding]
  return bound === undefined ? inner(type) : fc.constantFrom(...bound).map(conceptOf)
}

function conceptOf(bound: string): Json {
  const [system, code] = bound.split('|')
  return { coding: [{ system, code }] }
}
