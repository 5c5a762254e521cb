/** Dates and numbers as intervals, and how the prefixes compare them (R4 search.html#prefix, #date, #number). */

/** [from, to), or a point when both are equal. */
export interface Interval {
  readonly from: number
  readonly to: number
}

export const prefixes = ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap'] as const
export type Prefix = (typeof prefixes)[number]

export function prefixed(text: string): [Prefix, string] {
  const prefix = prefixes.find((each) => text.startsWith(each))
  return prefix ? [prefix, text.slice(2)] : ['eq', text]
}

// ── dates ────────────────────────────────────────────────────────────────────────────────────────

/** What a date of any precision covers, to the millisecond. */
export function dateInterval(text: string): Interval {
  const [date = '', time] = text.split('T')
  const [year = 0, month, day] = date.split('-').map(Number)
  if (month === undefined) return { from: Date.UTC(year, 0), to: Date.UTC(year + 1, 0) }
  if (day === undefined) return { from: Date.UTC(year, month - 1), to: Date.UTC(year, month) }
  if (time === undefined) return { from: Date.UTC(year, month - 1, day), to: Date.UTC(year, month - 1, day + 1) }
  const [, clock = '', fraction = '', zone = 'Z'] = /^([\d:]+)(?:\.(\d+))?(.*)$/.exec(time) ?? []
  const start = Date.parse(`${date}T${clock}${zone || 'Z'}`)
  if (clock.length === 5) return { from: start, to: start + 60_000 }
  const digits = fraction.slice(0, 3)
  const from = start + Number(digits.padEnd(3, '0'))
  return { from, to: from + 10 ** (3 - digits.length) }
}

export function compareDates(target: Interval, prefix: Prefix, asked: Interval, now: number): boolean {
  const within = target.from >= asked.from && target.to <= asked.to
  const above = target.to > asked.to
  const below = target.from < asked.from
  // A tenth of the distance from now, as the specification recommends
  const slack = Math.abs(now - asked.from) / 10
  const answers: Readonly<Record<Prefix, boolean>> = {
    eq: within,
    ne: !within,
    gt: above,
    lt: below,
    ge: above || within,
    le: below || within,
    sa: target.from >= asked.to,
    eb: target.to <= asked.from,
    ap: target.from < asked.to + slack && target.to > asked.from - slack,
  }
  return answers[prefix]
}

// ── numbers ──────────────────────────────────────────────────────────────────────────────────────

/** The implicit precision: half of the last digit either way; of 1e2, which the specification reads as 95 to 105. */
export function implied(text: string): Interval {
  const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e')
  const digits = mantissa.split('.')[1]?.length ?? 0
  const significant = mantissa.replaceAll(/[^\d]/g, '').length
  const lone = text.toLowerCase().includes('e') && significant === 1 ? 1 : 0
  const half = 0.5 * 10 ** (Number(exponent) - digits - lone)
  const value = Number(text)
  return { from: rounded(value - half), to: rounded(value + half) }
}

/** Decimal fractions as people mean them. */
export function rounded(value: number): number {
  return Number(value.toPrecision(15))
}

/** Prefixes that order take the number as it stands, whatever its precision (search.html#number). */
export function compareNumbers(target: Interval, prefix: Prefix, text: string, scale: (it: number) => number): boolean {
  const number = scale(Number(text))
  const range = implied(text)
  const [from, to] = [scale(range.from), scale(range.to)]
  const within = target.from >= from && target.to < to
  const slack = Math.abs(Number(text)) / 10
  const answers: Readonly<Record<Prefix, boolean>> = {
    eq: within,
    ne: !within,
    gt: target.to > number,
    lt: target.from < number,
    ge: target.to >= number,
    le: target.from <= number,
    sa: target.from > number,
    eb: target.to < number,
    ap: target.from <= scale(Number(text) + slack) && target.to >= scale(Number(text) - slack),
  }
  return answers[prefix]
}
