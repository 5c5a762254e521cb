/**
 * `_sort`, and where the next page begins. Every order ends with the id, so that it is total and pages never shift.
 *
 * Of several values of a resource the one counts that comes first in the order (R4 search.html#sort): the smallest, or when
 * descending the largest. Resources without the value come first when ascending and last when descending (the
 * specification leaves it open).
 */
import { GatewayError } from '../../kernel/errors.ts'
import { largestOf } from '../../r4/keys/shape.ts'
import { searchParametersOf } from '../../r4/search-parameters.ts'
import { mayHaveSeveral } from '../../r4/several-values.ts'
import type { Page } from '../../store/search-reader.ts'
import type { Position, TokenValue } from '../page-token.ts'
import { parametersOf } from './parameters.ts'
import { isSortable } from './searchable.ts'

export interface SortRule {
  readonly code: string
  /** field of the resource document: of several values the smallest */
  readonly field: string
  /** it goes by the largest of several: the field of that, where it is another */
  readonly largest?: string
  readonly direction: 1 | -1
}

const MOST = 5

/** `name`: of the types together. */
export function parseSort(text: string | undefined, types: readonly string[], name: string): SortRule[] {
  if (text === undefined) return []
  const known = parametersOf(types)
  const rules = text.split(',').map((part): SortRule => {
    const direction = part.startsWith('-') ? -1 : 1
    const code = direction < 0 ? part.slice(1) : part
    const parameter = known.get(code)
    if (!parameter || !isSortable(parameter)) {
      throw new GatewayError('GW_UNKNOWN_PARAMETER', `${name} cannot be sorted by "${code}".`)
    }
    const isLargest = direction < 0 && types.some((type) => hasSeveral(type, code))
    return { code, field: fieldOf(code), direction, ...(isLargest && { largest: `o.${largestOf(code)}` }) }
  })
  if (new Set(rules.map(({ code }) => code)).size < rules.length) {
    throw new GatewayError('GW_BAD_REQUEST', '"_sort" names a parameter twice.')
  }
  if (rules.length > MOST) throw new GatewayError('GW_BAD_REQUEST', `"_sort" names more than ${MOST} parameters.`)
  return rules
}

function hasSeveral(type: string, code: string): boolean {
  const parameter = searchParametersOf(type).get(code)
  return parameter !== undefined && fieldOf(code).startsWith('o.') && mayHaveSeveral(parameter, type)
}

function fieldOf(code: string): string {
  if (code === '_id') return '_id'
  return code === '_lastUpdated' ? 'u' : `o.${code}`
}

/** With the id at the end, so that the order is total; it descends after what descends, as an index is read backwards. */
export function totalOrder(rules: readonly SortRule[]): SortRule[] {
  if (rules.some(({ field }) => field === '_id')) return [...rules]
  return [...rules, { code: '_id', field: '_id', direction: rules.at(-1)?.direction ?? 1 }]
}

export function reversed(rules: readonly SortRule[]): SortRule[] {
  return rules.map((rule) => ({ ...rule, direction: rule.direction === 1 ? -1 : 1 }))
}

/** `rules`: here and below, a total order. */
export function sortOf(rules: readonly SortRule[]): Page['sort'] {
  return Object.fromEntries(rules.map((rule) => [rule.largest ? madeField(rule) : rule.field, rule.direction]))
}

/** What no field of the document holds, and is made of two as they are looked up. */
export function madeFieldsOf(rules: readonly SortRule[]): Pick<Page, 'made'> {
  const made = rules.flatMap((rule) =>
    rule.largest ? [[madeField(rule), { $ifNull: [`$${rule.largest}`, `$${rule.field}`] }]] : [],
  )
  return made.length === 0 ? {} : { made: Object.fromEntries(made) as NonNullable<Page['made']> }
}

function madeField({ code }: SortRule): string {
  return `largest.${code}`
}

type Sortable = { readonly _id: string; readonly u: Date; readonly o?: Readonly<Record<string, unknown>> }

export function positionOf(rules: readonly SortRule[], document: Sortable): Position {
  return { values: rules.map((rule) => tokenValue(valueOf(rule, document))) }
}

function valueOf({ code, field, largest }: SortRule, document: Sortable): unknown {
  if (field === '_id') return document._id
  if (field === 'u') return document.u
  return (largest && document.o?.[largestOf(code)]) ?? document.o?.[code]
}

/** The time of a position in an order that begins with one; null where there is none. */
export function momentOf({ values: [first = null] }: Position): Date | null {
  return storedValue(first) as Date | null
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
    $and: [...rules.slice(0, index).map((before, i) => level(before, values[i])), beyond(rule, values[index])],
  }))
  return { $or: branches }
}

function level(rule: SortRule, value: unknown): Page['filter'] {
  return value === null ? { [rule.field]: null } : where(rule, value)
}

/** MongoDB puts a missing value before all others, and `$gt`/`$lt` never match it. */
function beyond(rule: SortRule, value: unknown): Page['filter'] {
  const { field, direction } = rule
  if (direction > 0) return value === null ? { [field]: { $ne: null } } : where(rule, { $gt: value })
  if (value === null) return { _id: { $exists: false } }
  return { $or: [where(rule, { $lt: value }), { [field]: null }] }
}

function where({ field, largest }: SortRule, value: unknown): Page['filter'] {
  if (!largest) return { [field]: value }
  return { $or: [{ [largest]: value }, { [largest]: null, [field]: value }] }
}
