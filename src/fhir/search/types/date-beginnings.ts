/**
 * Where the interval [L, H) of a date begins that fits what is asked (date.ts), as far as its beginning alone tells: an
 * index that has the beginning only is one range by it.
 */
import type { TimeSpan } from '../../../store/time-walk.ts'
import { splitPrefix } from '../prefix.ts'
import type { Prefix } from '../prefix.ts'
import { datesOf, slackOf } from './date.ts'

const SECOND = 1000
const YEAR = 366 * 24 * 3600 * SECOND

/** How long the interval of a value may be: an instant tells at least the second, a date at least the year. */
export function longestOf(types: ReadonlySet<string>): number {
  if ([...types].every((type) => type === 'instant')) return SECOND
  return [...types].every((type) => ['instant', 'dateTime', 'date'].includes(type)) ? YEAR : Infinity
}

/** `longest`: of the intervals there may be; Infinity: a period, which may even end before it begins. */
export function beginningsOf(value: string, code: string, longest: number, now: number): TimeSpan {
  const { prefix, rest } = splitPrefix(value)
  const { l, h } = datesOf(code, rest)
  const slack = slackOf(l, now)
  const isShort = longest < Infinity
  /** it goes on after this */
  const after = (end: number): TimeSpan => (isShort ? { from: new Date(end - longest) } : {})
  /** it ends by this */
  const until = (end: Date): TimeSpan => (isShort ? { to: new Date(end.getTime() + 1) } : {})
  const spans: Record<Prefix, () => TimeSpan> = {
    eq: () => ({ from: l, to: h }),
    ne: () => ({}),
    gt: () => after(h.getTime()),
    lt: () => ({ to: l }),
    ge: () => after(Math.min(l.getTime() + longest, h.getTime())),
    le: () => until(h),
    sa: () => ({ from: h }),
    eb: () => until(l),
    ap: () => ({ ...after(l.getTime() - slack), to: new Date(h.getTime() + slack) }),
  }
  return spans[prefix]()
}
