/**
 * Reads the part of FHIRPath that R4 search parameters use: paths, unions, `as`, `where(field='text')`,
 * `where(resolve() is Type)`, an index, `extension(url)`, and `X.exists() and X != false`.
 *
 * An expression becomes a list of element paths whose types are all known from the definitions, choices written out
 * (`Observation.value` → `valueQuantity`, `valueString`, …), so that reading a value asks no question about types.
 */
import { elementsOf } from './elements.ts'
import { resolvesTo } from './references.ts'

export type JsonObject = Readonly<Record<string, unknown>>

export interface Condition {
  /** As written in the expression: equal texts are equal conditions. */
  readonly text: string
  holds(value: JsonObject, resource: JsonObject): boolean
}

export interface Step {
  /** JSON property, `valueQuantity`. */
  readonly name: string
  readonly index?: number
  readonly condition?: Condition
}

export interface ElementPath {
  readonly steps: readonly Step[]
  /** FHIR type of what the path ends at. */
  readonly type: string
  /** Canonical of its required binding. */
  readonly binding?: string
  /** The value is whether the element is there and not `false` (Patient.deceased). */
  readonly presence: boolean
}

const presencePattern = /^(\S+)\.exists\(\) and (\S+) != false$/
const castPattern = /^\((\S+) as (\w+)\)/
const segmentPattern = /(\w+)(?:\((resolve\(\) is \w+|[^()]*)\))?(?:\[(\d+)\])?(?:\.|$)/y

/** What a type is a special case of, as far as `as` needs it. */
const baseTypes: Readonly<Record<string, string>> = {
  Age: 'Quantity',
  Count: 'Quantity',
  Distance: 'Quantity',
  Duration: 'Quantity',
  canonical: 'uri',
  oid: 'uri',
  url: 'uri',
  uuid: 'uri',
  code: 'string',
  id: 'string',
  markdown: 'string',
  positiveInt: 'integer',
  unsignedInt: 'integer',
}

/** The alternatives of the expression that concern `type`, as element paths; throws for what this subset lacks. */
export function elementPaths(expression: string, type: string): ElementPath[] {
  return expression.split('|').flatMap((alternative) => {
    const text = alternative.trim()
    const [, present] = presencePattern.exec(text) ?? []
    const paths = chainPaths(present ?? text.replace(castPattern, '$1.as($2)'), type, expression)
    return present === undefined ? paths : paths.map((path) => ({ ...path, presence: true }))
  })
}

function chainPaths(chain: string, type: string, expression: string): ElementPath[] {
  const [head, ...rest] = segments(chain, expression)
  if (head === undefined) throw new UnsupportedPathError(expression, 'it is empty')
  const start: ElementPath[] = [{ steps: [], type, presence: false }]
  const isTypeName = /^[A-Z]/.test(head.name)
  if (isTypeName && head.name !== type && head.name !== 'Resource' && head.name !== 'DomainResource') return []
  return (isTypeName ? rest : [head, ...rest]).reduce((paths, segment) => apply(paths, segment, expression), start)
}

interface Segment {
  readonly name: string
  readonly argument?: string | undefined
  readonly index?: number
}

function segments(chain: string, expression: string): Segment[] {
  const result: Segment[] = []
  segmentPattern.lastIndex = 0
  while (segmentPattern.lastIndex < chain.length) {
    const match = segmentPattern.exec(chain)
    if (match === null) throw new UnsupportedPathError(expression, `"${chain}" is not a plain path`)
    const [, name = '', argument, index] = match
    result.push({ name, argument, ...(index !== undefined && { index: Number(index) }) })
  }
  return result
}

function apply(paths: ElementPath[], { name, argument, index }: Segment, expression: string): ElementPath[] {
  if (argument === undefined)
    return found(
      paths.flatMap((path) => children(path, name, index)),
      name,
      expression,
    )
  if (name === 'as' || name === 'ofType')
    return found(
      paths.filter((path) => isA(path.type, argument)),
      argument,
      expression,
    )
  if (name === 'where') return paths.map((path) => restrict(path, condition(argument, expression)))
  if (name === 'extension') {
    const ofUrl = equals('url', unquote(argument, expression))
    return paths.flatMap((path) => children(path, name)).map((path) => restrict(path, ofUrl))
  }
  throw new UnsupportedPathError(expression, `${name}() is not among the functions understood`)
}

function found(paths: ElementPath[], name: string, expression: string): ElementPath[] {
  if (paths.length === 0) throw new UnsupportedPathError(expression, `there is no ${name} at this place`)
  return paths
}

function children(path: ElementPath, name: string, index?: number): ElementPath[] {
  const elements = elementsOf(path.type)
  const exact = elements?.get(name)
  const named = exact ? [exact] : [...(elements?.values() ?? [])].filter((element) => element.choice === name)
  return named.map((element) => ({
    presence: path.presence,
    type: element.type,
    ...(element.binding !== undefined && { binding: element.binding }),
    steps: [...path.steps, { name: element.name, ...(index !== undefined && { index }) }],
  }))
}

function isA(type: string, wanted: string): boolean {
  return type === wanted || baseTypes[type] === wanted
}

function restrict(path: ElementPath, added: Condition): ElementPath {
  const last = path.steps.at(-1)
  if (last === undefined) return path
  return { ...path, steps: [...path.steps.slice(0, -1), { ...last, condition: added }] }
}

function condition(text: string, expression: string): Condition {
  const [, type] = /^resolve\(\) is (\w+)$/.exec(text) ?? []
  if (type !== undefined) return { text, holds: (value, resource) => resolvesTo(type, value, resource) }
  const [, field, value] = /^(\w+)\s*=\s*('.*')$/.exec(text) ?? []
  if (field === undefined || value === undefined)
    throw new UnsupportedPathError(expression, `where(${text}) is not understood`)
  return equals(field, unquote(value, expression))
}

function equals(field: string, expected: string): Condition {
  return { text: `${field}='${expected}'`, holds: (value) => value[field] === expected }
}

function unquote(text: string, expression: string): string {
  const [, inner] = /^'([^'\\]*)'$/.exec(text) ?? []
  if (inner === undefined) throw new UnsupportedPathError(expression, `${text} is not a plain text in quotes`)
  return inner
}

export class UnsupportedPathError extends Error {
  constructor(expression: string, reason: string) {
    super(`The search expression "${expression}" cannot be compiled: ${reason}. Write it as a path of R4 elements.`)
    this.name = 'UnsupportedPathError'
  }
}
