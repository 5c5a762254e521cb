/**
 * `_sort`, and where the next page begins. Every order ends with the id, so that it is total and pages never shift.
 *
 * Resources without the value come first when ascending and last when descending (the specification leaves it open).
 */
import { GatewayError } from '../../kernel/errors.ts'
import type { SearchParameter } from '../../r4/search-parameters.ts'
import type { Page } from '../../store/search-reader.ts'
import type { Position, TokenValue } from '../page-token.ts'
import { isSortable } from './searchable.ts'

export interface SortRule {
  readonly code: string
  /** field of the resource document */
  readonly field: string
  readonly direction: 1 | -1
}

const MOST = 5

export function parseSort(
  text: string | undefined,
  type: string,
  known: ReadonlyMap<string, SearchParameter>,
): SortRule[] {
  if (text === undefined) return []
  const rules = text.split(',').map((part): SortRule => {
    const direction = part.startsWith('-') ? -1 : 1
    const code = direction < 0 ? part.slice(1) : part
    const parameter = known.get(code)
    if (!parameter || !isSortable(parameter)) {
      throw new GatewayError('GW_UNKNOWN_PARAMETER', `${type} cannot be sorted by "${code}".`)
    }
    return { code, field: fieldOf(code), direction }
  })
  if (new Set(rules.map(({ code }) => code)).size < rules.length) {
    throw new GatewayError('GW_BAD_REQUEST', '"_sort" names a parameter twice.')
  }
  if (rules.length > MOST) throw new GatewayError('GW_BAD_REQUEST', `"_sort" names more than ${MOST} parameters.`)
  return rules
}

function fieldOf(code: string): string {
  if (code === '_id') return '_id'
  return code === '_lastUpdated' ? 'u' : `o.${code}`
}

/**
 * With the id at the end, so that the order is total. After `-_lastUpdated` the id descends too: that order is the
 * other one read backwards.
 */
export function totalOrder(rules: readonly SortRule[]): SortRule[] {
  if (rules.some(({ field }) => field === '_id')) return [...rules]
  const last = rules.at(-1)
  return [...rules, { code: '_id', field: '_id', direction: last?.field === 'u' ? last.direction : 1 }]
}

export function reversed(rules: readonly SortRule[]): SortRule[] {
  return rules.map((rule) => ({ ...rule, direction: rule.direction === 1 ? -1 : 1 }))
}

/** `rules`: here and below, a total order. */
export function sortOf(rules: readonly SortRule[]): Page['sort'] {
  return Object.fromEntries(rules.map(({ field, direction }) => [field, direction]))
}

type Sortable = { readonly _id: string; readonly u: Date; readonly o?: Readonly<Record<string, unknown>> }

export function positionOf(rules: readonly SortRule[], document: Sortable): Position {
  return { values: rules.map((rule) => tokenValue(valueOf(rule, document))) }
}

function valueOf({ code, field }: SortRule, document: Sortable): unknown {
  if (field === '_id') return document._id
  return field === 'u' ? document.u : document.o?.[code]
}

/** The time of a position in an order that begins with `_lastUpdated`. */
export function momentOf({ values: [first = null] }: Position): Date {
  return storedValue(first) as Date
}

function tokenValue(value: unknown): TokenValue {
  if (value instanceof Date) return { $date: value.toISOString() }
  // Where "< 60" sorts, below all numbers, JSON has no number for
  if (value === -Infinity) return { $below: true }
  return typeof value === 'string' || typeof value === 'number' ? value : null
}

function storedValue(value: TokenValue): unknown {
  if (value === null) return null
  if (typeof value !== 'object') return value
  return '$date' in value ? new Date(value.$date) : -Infinity
}

/** Everything that comes after the position: beyond it in the first value, or equal there and beyond in the next. */
export function afterPosition(rules: readonly SortRule[], { values: sent }: Position): Page['filter'] {
  const values = sent.map(storedValue)
  const branches = rules.map((rule, index) => ({
    $and: [...rules.slice(0, index).map(({ field }, i) => ({ [field]: values[i] })), beyond(rule, values[index])],
  }))
  return { $or: branches }
}

/** MongoDB puts a missing value before all others, and `$gt`/`$lt` never match it. */
function beyond({ field, direction }: SortRule, value: unknown): Page['filter'] {
  if (direction > 0) return value === null ? { [field]: { $ne: null } } : { [field]: { $gt: value } }
  if (value === null) return { _id: { $exists: false } }
  return { $or: [{ [field]: { $lt: value } }, { [field]: null }] }
}
