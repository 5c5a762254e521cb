/**
 * `_lastUpdated`: the moment of the last change against the asked [l, h) (R4 search.html#prefix). As a filter, and as the
 * span of time that holds all that fits: no index of `resources` tells the time, so a span is walked along versions.
 */
import type { TimeSpan } from '../../../store/time-walk.ts'
import type { Criterion } from '../criterion.ts'
import type { Filter } from '../lookup.ts'
import { splitPrefix } from '../prefix.ts'
import type { Prefix } from '../prefix.ts'
import { datesOf, slackOf } from './date.ts'

export const LAST_UPDATED = '_lastUpdated'

export function lastUpdatedFilter(value: string, now: number): Filter {
  const { prefix, from, to } = meant(value, now)
  const within = { ...(from && { $gte: from }), ...(to && { $lt: to }) }
  return { u: prefix === 'ne' ? { $not: within } : within }
}

/** What all these criteria leave of time; undefined when none of them bounds it. */
export function spanOf(criteria: readonly Criterion[], now: number): TimeSpan | undefined {
  const spans = criteria
    .filter(({ parameter, modifier }) => parameter.code === LAST_UPDATED && modifier === undefined)
    .map(({ values }) => values.map((value) => spanOfValue(value, now)).reduce(hull))
  const { from, to } = spans.reduce(narrower, {})
  return from || to ? { ...(from && { from }), ...(to && { to }) } : undefined
}

/** What two spans have in common. */
export function narrower(a: TimeSpan, b: TimeSpan): TimeSpan {
  return spanBetween(later(a.from, b.from) ?? a.from ?? b.from, earlier(a.to, b.to) ?? a.to ?? b.to)
}

/** Alternatives: from the first of them to the last. */
export function hull(a: TimeSpan, b: TimeSpan): TimeSpan {
  return spanBetween(earlier(a.from, b.from), later(a.to, b.to))
}

function spanBetween(from: Date | undefined, to: Date | undefined): TimeSpan {
  return { ...(from && { from }), ...(to && { to }) }
}

/** Undefined unless both are there. */
function earlier(a: Date | undefined, b: Date | undefined): Date | undefined {
  return a && b && (a < b ? a : b)
}

function later(a: Date | undefined, b: Date | undefined): Date | undefined {
  return a && b && (a > b ? a : b)
}

function spanOfValue(value: string, now: number): TimeSpan {
  const { prefix, from, to } = meant(value, now)
  return prefix === 'ne' ? {} : spanBetween(from, to)
}

/** With `ne`, the span is what does not fit. */
function meant(value: string, now: number): TimeSpan & { readonly prefix: Prefix } {
  const { prefix, rest } = splitPrefix(value)
  const { l, h } = datesOf(LAST_UPDATED, rest)
  const slack = slackOf(l, now)
  const spans: Record<Prefix, TimeSpan> = {
    eq: { from: l, to: h },
    ne: { from: l, to: h },
    gt: { from: h },
    sa: { from: h },
    lt: { to: l },
    eb: { to: l },
    ge: { from: l },
    le: { to: h },
    ap: { from: new Date(l.getTime() - slack), to: new Date(h.getTime() + slack) },
  }
  return { prefix, ...spans[prefix] }
}
