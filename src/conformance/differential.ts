/**
 * An outline as the elements of a StructureDefinition's differential (https://hl7.org/fhir/R4/profiling.html).
 *
 * Only what holds for every resource of the mapping is said. A list may hold more items than the mapping gives, for what
 * a client adds is kept beside them: in an item that is known by its number alone, nothing is fixed or required.
 */
import type { ElementDefinition as R4Element } from '../r4/elements.ts'
import { elementsOf, isPrimitive } from '../r4/elements.ts'
import { bindingOf, referenceTypes, sourceNotes } from './element-notes.ts'
import type { NotesContext } from './element-notes.ts'
import { isAlwaysThere, statementsIn, testsOf, together } from './outline.ts'
import type { Field, Place } from './outline.ts'
import { canHavePattern, includes, patternMember, patternOf, testedValue } from './pattern.ts'
import { slicesOf } from './slices.ts'
import type { Slice } from './slices.ts'

export type Element = { readonly id: string; readonly path: string } & Readonly<Record<string, unknown>>

export interface DifferentialContext extends NotesContext {
  readonly shapes: readonly string[]
}

/** Where elements stand. `alone`: one value, not any item of a list, so that something can be said of it. */
interface Spot {
  readonly id: string
  readonly path: string
  readonly type: string
  readonly alone: boolean
}

/** An element: what rules say of it, and what is around it. */
interface Subject {
  readonly field: Field
  readonly at: Spot
  readonly around: Place
  /** what a discriminator says it holds */
  readonly known: unknown
}

const SLICED_BY_URL = { discriminator: [{ type: 'value', path: 'url' }], ordered: false, rules: 'open' }

export function differentialOf(type: string, root: Place, context: DifferentialContext): Element[] {
  return [{ id: type, path: type }, ...below(root, { id: type, path: type, type, alone: true }, {}, context)]
}

type Json = Readonly<Record<string, unknown>>

/** What is said of a value already: by its pattern, or (still to be said, below) by the discriminators of its list. */
interface Said {
  readonly pattern?: unknown
  readonly known?: unknown
}

function below(place: Place, spot: Spot, { pattern, known }: Said, context: DifferentialContext): Element[] {
  const tested = (typeof known === 'object' && known !== null ? known : {}) as Json
  const fields = [...place.fields, ...testedFields(place, spot, tested)].filter(
    ([name, field]) => varies(field) || (spot.alone && !isCovered(name, pattern)),
  )
  const groups = Map.groupBy(fields, ([name, { element }]) => (element.choice ? `${element.choice}[x]` : name))
  const inOrder = [...groups].sort(([, a], [, b]) => orderOf(a) - orderOf(b))
  return inOrder.flatMap(([name, [first, ...others]]) => {
    const [key, field] = first as [string, Field]
    const at = { id: `${spot.id}.${name}`, path: `${spot.path}.${name}`, type: field.element.type, alone: spot.alone }
    const subject = { field, at, around: place, known: tested[key] }
    if (field.element.choice) return [choiceElement([field, ...others.map(([, each]) => each)], subject, context)]
    if (field.element.type === 'Extension') return extensionElements(subject, context)
    return field.element.array ? listElements(subject, context) : singleElements(subject, context)
  })
}

function orderOf([first]: readonly (readonly [string, Field])[]): number {
  return first?.[1].element.order ?? 0
}

function varies({ element, places }: Field): boolean {
  const statements = [...places.values()].flatMap(statementsIn)
  return element.type === 'Extension' || statements.some(({ constant }) => constant === undefined)
}

function isCovered(name: string, pattern: unknown): boolean {
  return typeof pattern === 'object' && pattern !== null && name in pattern
}

/** A backbone item that is known by `code.coding.code` has a `code`, also where no rule gives it. */
function testedFields({ fields }: Place, { type }: Spot, known: Json): [string, Field][] {
  return Object.keys(known).flatMap((name) => {
    const element = elementsOf(type)?.get(name)
    const there = fields.has(name) || !element
    return there ? [] : [[name, { element, places: new Map([['', together([])]]) }] as [string, Field]]
  })
}

// ── one value ────────────────────────────────────────────────────────────────────────────────────

function singleElements({ field, at, around, known }: Subject, context: DifferentialContext): Element[] {
  const { element } = field
  const place = together([...field.places.values()])
  const whole = at.alone ? knownPattern(place, known, context) : undefined
  const pattern = canHavePattern(element.type, whole) ? whole : undefined
  const head = {
    id: at.id,
    path: at.path,
    ...minimum(place, element, at, context, known),
    ...referenceTypes([place], element, context),
    ...patternMember(element.type, pattern),
    ...sourceNotes(place.statements, context),
    ...bindingOf(place.statements, element, around, context),
  }
  return [
    head,
    ...(isPrimitive(element.type) ? [] : below(place, at, pattern === undefined ? { known } : { pattern }, context)),
  ]
}

function knownPattern(place: Place, known: unknown, { shapes }: DifferentialContext): unknown {
  const own = patternOf(place, shapes)
  if (own === undefined || known === undefined || includes(own, known)) return own ?? known
  return typeof own === 'object' && typeof known === 'object' ? { ...known, ...own } : own
}

function minimum(
  place: Place,
  element: R4Element,
  at: Pick<Spot, 'alone'>,
  { shapes }: DifferentialContext,
  known?: unknown,
): { readonly min?: 1 } {
  const there = known !== undefined || isAlwaysThere(place, shapes)
  return at.alone && there && !element.required ? { min: 1 } : {}
}

/** `value[x]`: the types that the mapping gives. What is inside is not told apart. */
function choiceElement(fields: readonly Field[], { at, around }: Subject, context: DifferentialContext): Element {
  const [{ element }] = fields as [Field]
  const places = fields.flatMap((field) => [...field.places.values()])
  const whole = together(places)
  const pattern = at.alone && fields.length === 1 ? patternOf(whole, context.shapes) : undefined
  const types = fields.map((field) => {
    const [type] = referenceTypes([...field.places.values()], field.element, context).type ?? []
    return type ?? { code: field.element.type }
  })
  return {
    id: at.id,
    path: at.path,
    ...minimum(whole, element, at, context),
    type: types,
    ...patternMember(element.type, pattern),
    ...sourceNotes(statementsIn(whole), context),
    ...bindingOf(whole.statements, element, around, context),
  }
}

// ── lists ────────────────────────────────────────────────────────────────────────────────────────

function listElements({ field, at, around }: Subject, context: DifferentialContext): Element[] {
  const { element, places } = field
  const all = [...places.values()]
  const sliced = slicesOf(field, context.shapes)
  const apart = new Set(sliced?.slices.map(({ place }) => place))
  const rest = together(all.filter((place) => !apart.has(place)))
  const head = {
    id: at.id,
    path: at.path,
    ...(sliced && { slicing: { discriminator: sliced.discriminator, ordered: false, rules: 'open' } }),
    ...minimum(together(all), element, at, context),
    ...referenceTypes(all, element, context),
    ...sourceNotes(rest.statements, context),
    ...bindingOf(rest.statements, element, around, context),
  }
  const items = isPrimitive(element.type) ? [] : below(rest, { ...at, alone: false }, {}, context)
  return [head, ...items, ...(sliced?.slices ?? []).flatMap((slice) => sliceElements(slice, field, at, context))]
}

function sliceElements(
  { name, place, pattern }: Slice,
  { element }: Field,
  at: Spot,
  context: DifferentialContext,
): Element[] {
  const spot = { ...at, id: `${at.id}:${name}`, alone: true }
  const head = {
    id: spot.id,
    path: at.path,
    sliceName: name,
    ...(at.alone && isAlwaysThere(place, context.shapes) && { min: 1 }),
    ...patternMember(element.type, pattern),
    ...sourceNotes(place.statements, context),
  }
  return [
    head,
    ...below(place, spot, pattern === undefined ? { known: testedValue(testsOf(place)) } : { pattern }, context),
  ]
}

function extensionElements({ field, at }: Subject, context: DifferentialContext): Element[] {
  const slices = [...field.places.values()].flatMap((place) => {
    const url = testsOf(place).find(({ path }) => path[0] === 'url')?.value
    return url === undefined ? [] : [extensionSlice(url, place, at, context)]
  })
  return [{ id: at.id, path: at.path, slicing: SLICED_BY_URL }, ...slices]
}

function extensionSlice(url: string, place: Place, at: Spot, context: DifferentialContext): Element {
  const name = url.slice(url.lastIndexOf('/') + 1)
  return {
    id: `${at.id}:${name}`,
    path: at.path,
    sliceName: name,
    min: at.alone && isAlwaysThere(place, context.shapes) ? 1 : 0,
    ...(place.selector?.kind === 'repeat' ? {} : { max: '1' }),
    type: [{ code: 'Extension', profile: [url] }],
    ...sourceNotes(statementsIn(place), context),
  }
}
