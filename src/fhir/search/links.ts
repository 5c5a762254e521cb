/**
 * Chains (`subject:Patient.name=x`: what is pointed at) and `_has` (`_has:Observation:patient:code=x`: what points here),
 * of any depth and within each other (R4 search.html#chaining, #has).
 */
import { GatewayError } from '../../kernel/errors.ts'
import { isResourceType } from '../../r4/elements.ts'
import { criterionOf } from './criterion.ts'
import type { Criterion } from './criterion.ts'
import { testsOf } from './filter/expression.ts'
import type { Expression, Placed } from './filter/expression.ts'
import { encodeName, encodeValue } from './query-text.ts'
import { referenceOf } from './reference-parameters.ts'

/** What is asked of other resources, or in other words than a parameter and its values (`_filter`). */
export type Link = Chain | Worded

export interface Worded {
  readonly kind: 'filter'
  readonly expression: Expression<Placed<Criterion | Link>>
  /** as it stands in the self link */
  readonly text: string
}

export interface Chain {
  readonly kind: 'chain' | 'has'
  /** the code of the reference that is followed: of this type in a chain, of the other in `_has` */
  readonly code: string
  /** what is asked of the other end; a chain may lead to several types */
  readonly ends: readonly End[]
  /** as it stands in the self link */
  readonly text: string
}

export interface End {
  readonly type: string
  readonly asked: Criterion | Link
}

const MOST_STEPS = 8
/** A chain through a reference to anything asks as many types. */
const MOST_TYPES = 10

export function isLink(asked: Criterion | Link): asked is Link {
  return 'kind' in asked
}

/** Undefined when the name is that of a plain parameter. */
export function linkOf(type: string, name: string, value: string, steps = 1): Link | undefined {
  if (name === '_list') return { ...listOf(value), text: `_list=${encodeValue(value)}` }
  const isHas = name.startsWith('_has:')
  if (!isHas && !name.includes('.')) return undefined
  assertFewSteps(steps)
  const text = `${encodeName(name)}=${encodeValue(value)}`
  return isHas ? { ...hasOf(type, name, value, steps), text } : { ...chainOf(type, name, value, steps), text }
}

/** A step may lead to several types, and each further one from all of them. */
export function assertFewSteps(steps: number): void {
  if (steps <= MOST_STEPS) return
  throw new GatewayError('GW_TOO_LARGE', `The search follows more than ${MOST_STEPS} references.`)
}

/** How many values are asked for at the end of it all: in each type of a chain they are the same. */
export function valuesBehind(asked: Criterion | Link): number {
  if (!isLink(asked)) return asked.values.length
  if (asked.kind !== 'filter') return valuesBehind((asked.ends[0] as End).asked)
  return testsOf(asked.expression).reduce((sum, test) => sum + valuesBehind(test.asked), 0)
}

/** What a List has among its items, as `_has:List:item:_id` finds it (R4 search.html#list). */
function listOf(value: string): Omit<Chain, 'text'> {
  if (value.includes('$')) {
    throw new GatewayError(
      'GW_BAD_REQUEST',
      '"_list" takes the id of a List: lists like $current-problems are not kept, search for what they hold.',
    )
  }
  return { kind: 'has', code: 'item', ends: [{ type: 'List', asked: criterionOf('List', '_id', value) }] }
}

function hasOf(type: string, name: string, value: string, steps: number): Omit<Chain, 'text'> {
  const [, other = '', code = '', rest = ''] = /^_has:([^:]*):([^:]*):(.*)$/s.exec(name) ?? []
  if (!isResourceType(other) || rest === '') {
    throw new GatewayError('GW_BAD_REQUEST', '"_has" is written _has:Type:reference:parameter=value.')
  }
  if (!referenceOf(other, code).target?.includes(type)) {
    throw new GatewayError('GW_BAD_REQUEST', `"${code}" of ${other} never points at ${type}.`)
  }
  return { kind: 'has', code, ends: [endOf(other, rest, value, steps)] }
}

function chainOf(type: string, name: string, value: string, steps: number): Omit<Chain, 'text'> {
  const dot = name.indexOf('.')
  const [code = '', named] = name.slice(0, dot).split(':')
  const rest = name.slice(dot + 1)
  const step = { code, ...(named !== undefined && { type: named }) }
  return chainAlong(type, step, rest, (target) => endOf(target, rest, value, steps).asked)
}

/** Along a reference to the types that it may lead to (or the one of `step`), with what is asked of each. */
export function chainAlong(
  type: string,
  { code, type: named }: { readonly code: string; readonly type?: string },
  rest: string,
  askedOf: (target: string) => Criterion | Link,
): Omit<Chain, 'text'> {
  const { target = [] } = referenceOf(type, code)
  if (named !== undefined && !target.includes(named)) {
    throw new GatewayError('GW_BAD_REQUEST', `"${code}" never points at "${named}"; it takes ${target.join(', ')}.`)
  }
  const ends = named === undefined ? everyEnd(target, askedOf) : [{ type: named, asked: askedOf(named) }]
  if (ends.length <= MOST_TYPES) return { kind: 'chain', code, ends }
  throw new GatewayError(
    'GW_BAD_REQUEST',
    `"${code}" points at many types: name one, as in ${code}:${target[0]}.${rest}.`,
  )
}

/** Of the types a reference may point at, those that have the parameter. */
function everyEnd(types: readonly string[], askedOf: (type: string) => Criterion | Link): End[] {
  let refused: unknown
  const ends = types.flatMap((type) => {
    try {
      return [{ type, asked: askedOf(type) }]
    } catch (error) {
      if (!(error instanceof GatewayError) || error.code !== 'GW_UNKNOWN_PARAMETER') throw error
      refused = error
      return []
    }
  })
  if (ends.length === 0) throw refused
  return ends
}

function endOf(type: string, name: string, value: string, steps: number): End {
  return { type, asked: linkOf(type, name, value, steps + 1) ?? criterionOf(type, name, value) }
}
