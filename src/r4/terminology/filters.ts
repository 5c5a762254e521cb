/** Which concepts of a code system a filter of a value set takes (R4 valueset-filter-operator). */
import type { ValueSetComposeIncludeFilter } from '@medplum/fhirtypes'
import type { CodeSystemIndex, Concept } from './code-system.ts'
import { above, below } from './code-system.ts'
import { safeRegex } from './safe-regex.ts'

export type Test = (concept: Concept) => boolean

type Operator = (index: CodeSystemIndex, property: string, value: string) => Test | undefined

/** Undefined of a filter that is not known here: an operator for another property than its own, too bold a regex. */
export function filterTest(index: CodeSystemIndex, filter: ValueSetComposeIncludeFilter): Test | undefined {
  const { property, op, value } = filter
  return Object.hasOwn(operators, op) ? operators[op]?.(index, property, value) : undefined
}

const operators: Readonly<Record<string, Operator>> = {
  'is-a': hierarchical((index, value) => {
    const codes = below(index, value)
    return ({ code }) => codes.has(code)
  }),
  'descendent-of': hierarchical((index, value) => {
    const codes = below(index, value)
    const itself = index.get(value)?.code
    return ({ code }) => code !== itself && codes.has(code)
  }),
  'is-not-a': hierarchical((index, value) => {
    const codes = below(index, value)
    return ({ code }) => !codes.has(code)
  }),
  generalizes: hierarchical((index, value) => {
    const codes = above(index, value)
    return ({ code }) => codes.has(code)
  }),
  '=': (_, property, value) => (concept) => valuesOf(concept, property).includes(value),
  exists: (_, property, value) => (concept) => valuesOf(concept, property).length > 0 === (value !== 'false'),
  in: (_, property, value) => {
    const wanted = listed(value)
    return (concept) => valuesOf(concept, property).some((each) => wanted.has(each))
  },
  'not-in': (_, property, value) => {
    const unwanted = listed(value)
    return (concept) => !valuesOf(concept, property).some((each) => unwanted.has(each))
  },
  regex: (_, property, value) => {
    const matches = safeRegex(value)
    return matches && ((concept) => valuesOf(concept, property).some(matches))
  },
}

/** `concept` is what R4 calls the place in the hierarchy; `code` is seen too. */
function hierarchical(test: (index: CodeSystemIndex, value: string) => Test): Operator {
  return (index, property, value) => (property === 'concept' || property === 'code' ? test(index, value) : undefined)
}

function listed(value: string): ReadonlySet<string> {
  return new Set(value.split(',').map((each) => each.trim()))
}

/** Of the properties that every concept has, and of those that the code system gives. */
function valuesOf(concept: Concept, property: string): readonly string[] {
  const { code, display, definition, parents, children } = concept
  if (property === 'code' || property === 'concept') return [code]
  if (property === 'display') return display === undefined ? [] : [display]
  if (property === 'definition') return definition === undefined ? [] : [definition]
  const given = (concept.property ?? []).filter((each) => each.code === property).map(textOf)
  if (property === 'parent') return [...new Set([...given, ...parents])]
  return property === 'child' ? [...new Set([...given, ...children])] : given
}

/** Every `value[x]` but a coding is a primitive. */
function textOf({ code: _, valueCoding, ...value }: NonNullable<Concept['property']>[number]): string {
  const [primitive = ''] = Object.values(value) as (string | number | boolean)[]
  return valueCoding?.code ?? String(primitive)
}
