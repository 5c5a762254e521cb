/**
 * What a mapping's rules say of each element, gathered into one tree: what profiles are made of.
 *
 * A split mapping has several shapes (one a part); what holds for the resource holds in every one of them.
 */
import { parseElementPath } from '../mapping/element-path.ts'
import type { ElementPath, Selector, Step, Test } from '../mapping/element-path.ts'
import { listOf } from '../mapping/mapping-file.ts'
import type { MappingData, RuleData } from '../mapping/mapping-file.ts'
import { expandBase } from '../mapping/rule.ts'
import type { ElementDefinition } from '../r4/elements.ts'
import type { SourceStatement } from './source-statements.ts'

/** One rule's word on one place. */
export interface Statement {
  readonly rule: RuleData
  /** which of the rule's paths leads here */
  readonly index: number
  readonly constant?: unknown
  /** with a value wherever the shape is: no condition, and a constant or a stand-in for what is not there */
  readonly always: boolean
  /** undefined: in all of them */
  readonly shape: string | undefined
}

/** An element that is no list, or one item of a list: what rules say of it and of what is below. */
export interface Place {
  /** undefined: the element itself, of a list all its items */
  readonly selector: Selector | undefined
  readonly statements: Statement[]
  readonly fields: Map<string, Field>
}

export interface Field {
  readonly element: ElementDefinition
  /** one, unless the element is a list */
  readonly places: Map<string, Place>
}

export interface Outline {
  readonly root: Place
  /** '' alone, or the slots of a split mapping */
  readonly shapes: readonly string[]
}

/** `sources`: what is there without a rule. */
export function outlineOf(data: MappingData, base: string, sources: readonly SourceStatement[]): Outline {
  const root = placeOf(undefined)
  const add = (rules: readonly RuleData[], shape: string | undefined): void => {
    for (const rule of rules) if (isShown(rule)) addRule(root, rule, { type: data.resource, base, shape })
  }
  for (const { rule, always } of sources) {
    const { steps } = parseElementPath(rule.fhir as string, data.resource, base)
    placeAt(root, steps).statements.push({ rule, index: 0, always, shape: undefined })
  }
  add(data.rules, undefined)
  for (const [slot, part] of Object.entries(data.split ?? {})) add(part.rules, slot)
  return { root, shapes: data.split ? Object.keys(data.split) : [''] }
}

/** Which profiles a resource claims is not said by a profile. */
function isShown({ only, fhir }: RuleData): boolean {
  return (only === undefined || only === 'read') && fhir !== 'meta.profile'
}

interface Setting {
  readonly type: string
  readonly base: string
  readonly shape: string | undefined
}

function addRule(root: Place, rule: RuleData, { type, base, shape }: Setting): void {
  for (const [index, text] of listOf(rule.fhir).entries()) {
    const path = parseElementPath(text, type, base)
    const repeats = path.steps.some(({ selector }) => selector?.kind === 'repeat')
    const always = !repeats && isAlways(rule, index)
    const constant = rule.value === undefined ? undefined : expandBase(rule.value, base)
    const statement = { rule, index, always, shape }
    if (path.list && Array.isArray(constant)) addItems(root, path, constant as unknown[], statement)
    else placeAt(root, path.steps).statements.push({ ...statement, ...(constant !== undefined && { constant }) })
  }
}

function isAlways(
  { fhir, value, absent, otherwise, empty, when, with: filled, table }: RuleData,
  index: number,
): boolean {
  if (when !== undefined || filled !== undefined) return false
  if (value !== undefined || absent !== undefined) return true
  if (listOf(fhir).length === 1) return empty !== undefined || otherwise !== undefined
  // of several elements only a code table fills all at once
  return table !== undefined && Array.isArray(empty) && empty[index] !== null
}

/** A list of constants is as many items. */
function addItems(root: Place, { steps }: ElementPath, items: readonly unknown[], statement: Statement): void {
  for (const [number, constant] of items.entries()) {
    const last = { ...(steps.at(-1) as Step), selector: { kind: 'index', index: number } as const }
    placeAt(root, [...steps.slice(0, -1), last]).statements.push({ ...statement, constant })
  }
}

function placeAt(root: Place, steps: readonly Step[]): Place {
  return steps.reduce((place, { name, element, selector }) => {
    let field = place.fields.get(name)
    if (!field) place.fields.set(name, (field = { element, places: new Map() }))
    const key = selector ? JSON.stringify(selector) : ''
    let below = field.places.get(key)
    if (!below) field.places.set(key, (below = placeOf(selector)))
    return below
  }, root)
}

function placeOf(selector: Selector | undefined): Place {
  return { selector, statements: [], fields: new Map() }
}

/** The discriminators an item is known by. */
export function testsOf({ selector }: Place): readonly Test[] {
  return selector && 'tests' in selector ? selector.tests : []
}

/** What rules say of several places at once, such as all items of a list. */
export function together(places: readonly Place[]): Place {
  const fields = new Map<string, Field>()
  for (const [index, place] of places.entries()) {
    for (const [name, { element, places: items }] of place.fields) {
      const merged = fields.get(name)?.places ?? new Map<string, Place>()
      for (const [key, item] of items) merged.set(`${index} ${key}`, item)
      fields.set(name, { element, places: merged })
    }
  }
  return { selector: undefined, statements: places.flatMap(({ statements }) => statements), fields }
}

/** What is said of the place and of everything below it. */
export function statementsIn({ statements, fields }: Place): Statement[] {
  const below = [...fields.values()].flatMap(({ places }) => [...places.values()].flatMap(statementsIn))
  return [...statements, ...below]
}

/** Is the place filled in every resource? */
export function isAlwaysThere(place: Place, shapes: readonly string[]): boolean {
  return shapes.every((shape) => isThereIn(place, shape))
}

function isThereIn({ statements, fields }: Place, shape: string): boolean {
  return (
    statements.some((each) => each.always && (each.shape ?? shape) === shape) ||
    fields.values().some(({ places }) => places.values().some((place) => isThereIn(place, shape)))
  )
}
