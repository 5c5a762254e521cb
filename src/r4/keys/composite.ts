/**
 * Composite parameters (R4 search.html#combining): the parts of one element together. Numbers and dates, the last part,
 * stand under a name that holds all other parts, so that a search is one range of the index of numbers or dates.
 */
import { type ElementPath, elementPaths, type JsonObject } from '../element-paths.ts'
import { addPath, type Branch, walk } from '../path.ts'
import type { Component } from '../components.ts'
import { compositeName, type TextPart } from './composite-name.ts'
import { extractorFor } from './extractors.ts'
import { fold, limit } from './fold.ts'
import { referenceText } from './reference.ts'
import type { SearchKeys } from './shape.ts'
import { tokensOf } from './token.ts'

/** Codes times values of one element: more is no clinical data, and would fill the index. */
const MOST = 1000

type AddKeys = (resource: JsonObject, keys: SearchKeys) => void
type Read<Sink> = (element: JsonObject, resource: JsonObject, sink: Sink) => void

interface Parts {
  readonly texts: readonly Read<TextPart[]>[]
  readonly ranges: readonly Read<SearchKeys>[]
}

export function compositeKeys(
  code: string,
  expression: string,
  components: readonly Component[],
  type: string,
): AddKeys {
  const adders = elementPaths(expression, type).map((base): AddKeys => {
    const parts = partsOf(components, base.type, type)
    const elements = elementsAt(base)
    return (resource, keys) => {
      for (const element of elements(resource)) addElement(code, parts, element, resource, keys)
    }
  })
  return (resource, keys) => {
    for (const add of adders) add(resource, keys)
  }
}

function elementsAt(path: ElementPath): (resource: JsonObject) => readonly JsonObject[] {
  if (path.steps.length === 0) return (resource) => [resource]
  const branches: Branch<JsonObject[]>[] = []
  addPath(branches, path, (value, _sibling, found: JsonObject[]) => {
    if (typeof value === 'object' && value !== null) found.push(value as JsonObject)
  })
  return (resource) => {
    const found: JsonObject[] = []
    walk(branches, resource, resource, found)
    return found
  }
}

function partsOf(components: readonly Component[], baseType: string, type: string): Parts {
  const texts = components.filter(({ kind }) => kind === 'text').map((each) => reading(each, baseType, type, textsOf))
  const ranges = components
    .filter(({ kind }) => kind !== 'text')
    .map((each) => reading(each, baseType, type, (of, valueType) => extractorFor(of, valueType)?.('')))
  return { texts, ranges }
}

type TakeAs<Sink> = (
  parameterType: Component['type'],
  valueType: string,
) => ((value: unknown, sibling: unknown, sink: Sink) => void) | undefined

function reading<Sink>(component: Component, baseType: string, type: string, takeAs: TakeAs<Sink>): Read<Sink> {
  const { isOuter, paths } = pathsOf(component, baseType, type)
  const branches: Branch<Sink>[] = []
  for (const path of paths) {
    const take = takeAs(component.type, path.type)
    if (take !== undefined) addPath(branches, path, take)
  }
  return (element, resource, sink) => walk(branches, isOuter ? resource : element, resource, sink)
}

/** `%resource.` leads out of the element (MolecularSequence); `DateTime` is how R4 writes dateTime in one place. */
function pathsOf(component: Component, baseType: string, type: string): { isOuter: boolean; paths: ElementPath[] } {
  const [, outer] = /^%resource\.(.*)$/.exec(component.expression) ?? []
  const expression = (outer ?? component.expression).replaceAll('DateTime', 'dateTime')
  return { isOuter: outer !== undefined, paths: elementPaths(expression, outer === undefined ? baseType : type) }
}

/** The paths through which a composite's keys are made, each from the resource on. */
export function compositePaths(expression: string, components: readonly Component[], type: string): ElementPath[] {
  return elementPaths(expression, type).flatMap((base) => [
    base,
    ...components
      .map((component) => pathsOf(component, base.type, type))
      .flatMap(({ isOuter, paths }) => (isOuter || base.steps.length === 0 ? paths : [])),
  ])
}

const textsOf: TakeAs<TextPart[]> = (parameterType, valueType) => {
  if (parameterType === 'token') {
    const tokens = tokensOf(valueType)
    return (value, _sibling, sink) => {
      for (const { system = '', code } of tokens?.(value) ?? []) sink.push({ text: limit(code), tail: limit(system) })
    }
  }
  const text = parameterType === 'string' ? foldedText : parameterType === 'reference' ? referenceText : plainText
  return (value, _sibling, sink) => {
    const found = text(value)
    if (found !== undefined && found !== '') sink.push({ text: limit(found) })
  }
}

function plainText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function foldedText(value: unknown): string | undefined {
  return typeof value === 'string' ? fold(value) : undefined
}

/** The last part first: mostly it is not there. */
function addElement(code: string, parts: Parts, element: JsonObject, resource: JsonObject, keys: SearchKeys): void {
  const ranges = parts.ranges.toReversed().map((read) => collect(read, element, resource))
  if (ranges.some(({ n, d }) => n.length + d.length === 0)) return
  const names = namesOf(code, parts.texts, element, resource)
  const [last, first] = ranges
  for (const name of names) {
    if (last === undefined) keys.k.push(name)
    else if (first === undefined) addRanges(name, last, keys)
    else addPairs(name, first, last, keys)
  }
}

function collect(read: Read<SearchKeys>, element: JsonObject, resource: JsonObject): SearchKeys {
  const found: SearchKeys = { k: [], d: [], n: [], o: {} }
  read(element, resource, found)
  return found
}

function namesOf(code: string, reads: Parts['texts'], element: JsonObject, resource: JsonObject): string[] {
  let rows: TextPart[][] = [[]]
  for (const read of reads.toReversed()) {
    const found: TextPart[] = []
    read(element, resource, found)
    if (found.length === 0) return []
    rows = rows.flatMap((row) => found.map((part) => [part, ...row])).slice(0, MOST)
  }
  return rows.map((row) => compositeName(code, row))
}

function addRanges(name: string, { n, d }: SearchKeys, keys: SearchKeys): void {
  // A quantity in base units begins with its unit
  for (const key of n) keys.n.push({ ...key, p: key.p + name })
  for (const key of d) keys.d.push({ ...key, p: name })
}

function addPairs(name: string, first: SearchKeys, second: SearchKeys, keys: SearchKeys): void {
  for (const { l, h } of first.n) for (const next of second.n) keys.n.push({ p: name, l, h, l2: next.l, h2: next.h })
}
