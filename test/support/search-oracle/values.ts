/** What a SearchParameter's expression gives of a resource, by the FHIRPath library: values with their FHIR types. */
import fhirpath from 'fhirpath'
import r4 from 'fhirpath/fhir-context/r4/index.js'
import { componentsOf, type Parameter } from './definitions.ts'

export type Json = Readonly<Record<string, unknown>>

export interface Value {
  readonly type: string
  /** null when an extension stands in its place */
  readonly value: unknown
}

interface Node {
  readonly data: unknown
  getTypeInfo(): { readonly name: string }
}

type Evaluate = (resource: Json, variables?: Json) => unknown[]

const compiled = new Map<string, Evaluate>()

const known = new WeakMap<Json, Map<string, Value[]>>()

export function valuesOf({ expression = '{}' }: Parameter, resource: Json): Value[] {
  const byExpression = known.get(resource) ?? new Map<string, Value[]>()
  known.set(resource, byExpression)
  const values = byExpression.get(expression) ?? typed(expression, resource)
  byExpression.set(expression, values)
  return values
}

/** Of a composite: for each element it speaks of, the values of each part. */
export function partsOf(parameter: Parameter, resource: Json): Value[][][] {
  return alternatives(parameter.expression ?? '{}').flatMap((place) =>
    typed(place, resource).map((_element, index) =>
      componentsOf(parameter).map(({ expression }) =>
        alternatives(expression).flatMap((each) => typed(`(${place})[${index}].select(${each})`, resource)),
      ),
    ),
  )
}

/** One by one: a union takes equal values for one, 1 g and 1000 mg too. */
function typed(expression: string, resource: Json): Value[] {
  return alternatives(expression).flatMap((each) => {
    const evaluate = compiled.get(each) ?? compile(each)
    compiled.set(each, evaluate)
    into = []
    current = resource
    evaluate(resource, { resource })
    return into
  })
}

/** What stands between the bars, those in brackets aside. */
function alternatives(expression: string): string[] {
  return expression.split(/\|(?![^(]*\))/).map((each) => each.trim())
}

/** What the functions below give to and take from, while an expression is evaluated. */
let into: Value[] = []
let current: Json = {}

/**
 * R4 writes `as` where it means `ofType()`, which takes lists. `resolve() is Type` asks for a look-up; what a reference's
 * text says must do.
 */
function compile(expression: string): Evaluate {
  const local = expression
    .replace(/^(?:Domain)?Resource\./, '')
    .replaceAll(/ as (\w+)/g, '.ofType($1)')
    .replaceAll('.as(', '.ofType(')
    .replaceAll(/resolve\(\) is (\w+)/g, "pointsAt('$1')")
  const userInvocationTable = {
    note: {
      fn: (nodes: readonly Node[]) => {
        into.push(...nodes.map(valueOf))
        return []
      },
      arity: { 0: [] },
      internalStructures: true,
    },
    pointsAt: {
      fn: (references: readonly Json[], type: string) => references.map((each) => pointsAt(each, type)),
      arity: { 1: ['String' as const] },
    },
  }
  return fhirpath.compile(`(${local}).note()`, r4 as never, { userInvocationTable }) as Evaluate
}

function valueOf(node: Node | boolean): Value {
  if (typeof node === 'boolean') return { type: 'boolean', value: node }
  return { type: node.getTypeInfo().name, value: node.data ?? null }
}

function pointsAt(reference: Json, type: string): boolean {
  const text = reference['reference']
  if (typeof text !== 'string') return reference['type'] === type
  if (text.startsWith('#')) return containedType(text.slice(1)) === type
  return (/(?:^|\/)([A-Za-z]+)\/[^/]+(?:\/_history\/[^/]+)?$/.exec(text)?.[1] ?? reference['type']) === type
}

function containedType(id: string): unknown {
  const contained = (current['contained'] ?? []) as readonly Json[]
  return contained.find((each) => each['id'] === id)?.['resourceType']
}
