/** Values that have an order: what interval each is, and whether a search for dates, numbers or quantities fits it. */
import { compareDates, compareNumbers, dateInterval, prefixed, rounded, type Interval } from './intervals.ts'
import { cut, unescaped } from './text.ts'
import type { Json, Value } from './values.ts'

const ucum = 'http://unitsofmeasure.org'
/** Where open periods begin and end: the first and last moment that FHIR can write. */
const always: Interval = { from: Date.parse('0001-01-01T00:00:00Z'), to: Date.parse('9999-12-31T23:59:59.999Z') }
/** How many of the first unit of its kind each unit is. */
const kinds: readonly Readonly<Record<string, number>>[] = [
  { g: 1, mg: 0.001, kg: 1000 },
  { s: 1, h: 3600, a: 31_557_600 },
  { '1': 1, '%': 0.01 },
]

// ── dates ────────────────────────────────────────────────────────────────────────────────────────

export function fitsDate(value: Value, asked: string, now: number): boolean {
  const target = dateOf(value)
  const [prefix, text] = prefixed(asked)
  return target !== undefined && compareDates(target, prefix, dateInterval(text), now)
}

export function dateOf({ type, value }: Value): Interval | undefined {
  if (value === null) return undefined
  if (type === 'Period') return periodOf(value as Json)
  if (type === 'Timing') return timingOf(value as { event?: (string | null)[]; repeat?: { boundsPeriod?: Json } })
  return ['date', 'dateTime', 'instant'].includes(type) ? dateInterval(value as string) : undefined
}

function periodOf({ start, end }: Json): Interval | undefined {
  if (typeof start !== 'string' && typeof end !== 'string') return undefined
  return {
    from: typeof start === 'string' ? dateInterval(start).from : always.from,
    to: typeof end === 'string' ? dateInterval(end).to : always.to,
  }
}

/** The outer limits of a schedule. */
function timingOf({
  event = [],
  repeat,
}: {
  event?: (string | null)[]
  repeat?: { boundsPeriod?: Json }
}): Interval | undefined {
  const bounds = repeat?.boundsPeriod && periodOf(repeat.boundsPeriod)
  const all = [...event.filter((it) => it !== null).map(dateInterval), ...(bounds ? [bounds] : [])]
  if (all.length === 0) return undefined
  return { from: Math.min(...all.map(({ from }) => from)), to: Math.max(...all.map(({ to }) => to)) }
}

// ── numbers ──────────────────────────────────────────────────────────────────────────────────────

export interface Amount extends Interval {
  readonly system?: unknown
  readonly code?: unknown
  readonly unit?: unknown
}

export function fitsNumber(value: Value, asked: string): boolean {
  const [prefix, text] = prefixed(asked)
  const amount = amountOf(value)
  return amount !== undefined && compareNumbers(amount, prefix, text, (it) => it)
}

export function fitsQuantity(value: Value, asked: string): boolean {
  const amount = amountOf(value)
  if (!amount) return false
  const [number = '', system = '', code = ''] = cut(asked, '|').map(unescaped)
  const [prefix, text] = prefixed(number)
  const kind = kinds.find((each) => String(amount.code) in each && code in each)
  if (kind && system === ucum && amount.system === ucum) {
    const [mine = 1, theirs = 1] = [kind[String(amount.code)], kind[code]]
    const converted = { from: rounded(amount.from * mine), to: rounded(amount.to * mine) }
    return compareNumbers(converted, prefix, text, (it) => rounded(it * theirs))
  }
  return isIn(amount, system, code) && compareNumbers(amount, prefix, text, (it) => it)
}

function isIn({ system, code, unit }: Amount, askedSystem: string, asked: string): boolean {
  if (askedSystem !== '') return system === askedSystem && (asked === '' || code === asked)
  return asked === '' || code === asked || unit === asked
}

export function amountOf({ type, value }: Value): Amount | undefined {
  if (value === null) return undefined
  if (typeof value === 'number') return { from: value, to: value }
  const it = value as Json
  if (type === 'Range') return rangeOf(it)
  if (type === 'SampledData') return sampledOf(it)
  if (typeof it['value'] !== 'number') return undefined
  if (type === 'Money')
    return { ...point(it['value']), system: it['currency'] && 'urn:iso:std:iso:4217', code: it['currency'] }
  return { ...compared(it['value'], it['comparator']), ...unitOf(it) }
}

function point(value: number): Interval {
  return { from: value, to: value }
}

/** `< 5` is anything below 5. */
function compared(value: number, comparator: unknown): Interval {
  if (typeof comparator !== 'string') return point(value)
  return comparator.startsWith('<') ? { from: -Infinity, to: value } : { from: value, to: Infinity }
}

function unitOf({ system, code, unit }: Json): Omit<Amount, 'from' | 'to'> {
  return { system, code, unit }
}

function rangeOf({ low, high }: Json): Amount | undefined {
  const [from, to] = [low, high].map((it) => (it as Json | undefined)?.['value'])
  if (typeof from !== 'number' && typeof to !== 'number') return undefined
  const ends = { from: typeof from === 'number' ? from : -Infinity, to: typeof to === 'number' ? to : Infinity }
  return { ...ends, ...unitOf((low ?? high) as Json) }
}

/** From the smallest sample to the largest. */
function sampledOf({ origin, factor = 1, data }: Json): Amount | undefined {
  const zero = (origin as Json)['value']
  const samples = String(data)
    .split(' ')
    .filter((it) => !/^[EUL]$/.test(it))
  if (typeof zero !== 'number' || samples.length === 0) return undefined
  const values = samples.map((it) => zero + Number(it) * (factor as number))
  return { from: Math.min(...values), to: Math.max(...values), ...unitOf(origin as Json) }
}
