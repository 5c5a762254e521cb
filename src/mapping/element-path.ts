/**
 * The `fhir:` side of a rule: `telecom[system=phone].value`, checked against the R4 definitions.
 *
 * A discriminator both finds the item when a resource is read and makes it when one is built.
 */
import { elementsOf, isPrimitive } from '../r4/elements.ts'
import type { ElementDefinition } from '../r4/elements.ts'

/** One `name=value` of a discriminator; `target`: the item's Reference `name` points at this type. */
export interface Test {
  readonly path: readonly string[]
  /** which steps of the path are lists: one of their items has the value */
  readonly lists: readonly boolean[]
  readonly value: string
  readonly target: boolean
}

export type Selector =
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'match'; readonly tests: readonly Test[] }
  /** one item a value; with tests, only among the items they fit */
  | { readonly kind: 'repeat'; readonly tests: readonly Test[] }

export interface Step {
  readonly name: string
  /** of a primitive: where its extensions stand */
  readonly sibling?: string
  readonly element: ElementDefinition
  readonly selector?: Selector
}

export interface ElementPath {
  readonly text: string
  readonly steps: readonly Step[]
  /** FHIR type of the last element */
  readonly type: string
  /** the last element is an array and no selector picks one of it */
  readonly list: boolean
}

/** Throws an Error with one sentence when the path does not exist in R4. */
export function parseElementPath(text: string, resourceType: string, base: string): ElementPath {
  const steps: Step[] = []
  let type = resourceType
  for (const part of splitPath(text)) {
    const nested = steps.some(({ element }) => element.type === 'Extension')
    const step = parseStep(part, { type, nested, base, text })
    steps.push(step)
    type = step.element.type
  }
  const last = steps.at(-1)
  if (!last) throw new Error(`the path "${text}" is empty`)
  const broken = steps.slice(0, -1).find((step) => isPrimitive(step.element.type) || bare(step))
  if (broken && bare(broken)) {
    throw new Error(`"${broken.name}" of "${text}" is a list: say which item, as ${broken.name}[0] or ${broken.name}[]`)
  }
  return { text, steps, type, list: bare(last) }
}

function bare(step: Step): boolean {
  return step.element.array && !step.selector
}

function splitPath(text: string): string[] {
  return text.match(/[^.[\]]+(\[[^\]]*\])*/g) ?? []
}

/** Where a step stands: the type it is an element of, and whether that is inside an extension. */
interface Place {
  readonly type: string
  readonly nested: boolean
  readonly base: string
  readonly text: string
}

function parseStep(part: string, place: Place): Step {
  const { type, text } = place
  const [, name = '', , inside, repeat] = /^([^[]+)(\[([^\]]*)\](\[\])?)?$/.exec(part) ?? []
  const element = elementsOf(type)?.get(name)
  if (!element) throw new Error(`"${name}" of "${text}" is no element of ${type} in FHIR R4`)
  if (inside === undefined) return { name, element, ...(isPrimitive(element.type) && { sibling: `_${name}` }) }
  if (!element.array) throw new Error(`"${name}" of "${text}" is not a list, so it takes no [${inside}]`)
  if (inside === '') return { name, element, selector: { kind: 'repeat', tests: [] } }
  if (/^\d+$/.test(inside)) return { name, element, selector: { kind: 'index', index: Number(inside) } }
  const tests = inside.split(',').map((test) => parseTest(test, element, place))
  return { name, element, selector: { kind: repeat === undefined ? 'match' : 'repeat', tests } }
}

function parseTest(test: string, array: ElementDefinition, { text, nested, base }: Place): Test {
  const at = test.indexOf('=')
  const path = test.slice(0, at).trim().split('.')
  const lists: boolean[] = []
  let element: ElementDefinition | undefined
  let inner = array.type
  for (const name of path) {
    element = elementsOf(inner)?.get(name)
    if (!element) throw new Error(`"${name}" in [${test}] of "${text}" is no element of ${inner} in FHIR R4`)
    lists.push(element.array)
    inner = element.type
  }
  const target = element?.type === 'Reference'
  const isExtensionUrl = array.type === 'Extension' && path[0] === 'url' && !nested
  return { path, lists, value: expand(test.slice(at + 1).trim(), isExtensionUrl, base), target }
}

/** A part of a complex extension has a plain name as its url (http://hl7.org/fhir/R4/extensibility.html#extension). */
function expand(value: string, isExtensionUrl: boolean, base: string): string {
  if (value.startsWith('IB/')) return `${base}/${value.slice(3)}`
  return isExtensionUrl && !value.includes(':') ? `${base}/StructureDefinition/${value}` : value
}

/** A list stands at the end of the path, or one item a value on the way. */
export function takesList({ list, steps }: ElementPath): boolean {
  return list || steps.some(({ selector }) => selector?.kind === 'repeat')
}
