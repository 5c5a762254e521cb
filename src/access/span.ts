/**
 * Periods in milliseconds since 1970, half-open. Days are those of any place on earth: a denial begins early and ends late by
 * that, a permission does not.
 */
import type { Period } from '@medplum/fhirtypes'

export interface Span {
  readonly from?: number
  readonly until?: number
}

const HOUR = 3_600_000
/** How far the days of places on earth are apart from UTC's. */
const EARLIEST = -14 * HOUR
const LATEST = 12 * HOUR

/** An end that is no time is left open, and then it is not `isKnown`. */
export function spanOf(
  period: Period | undefined,
  isWide: boolean,
): { readonly span: Span; readonly isKnown: boolean } {
  const times = { from: timeOf(period?.start, 'start', isWide), until: timeOf(period?.end, 'end', isWide) }
  const known = Object.entries(times).filter(([, time]) => time !== undefined && !Number.isNaN(time))
  return { span: Object.fromEntries(known), isKnown: !Object.values(times).some((time) => Number.isNaN(time ?? 0)) }
}

export function isWithin({ from = -Infinity, until = Infinity }: Span, now: number): boolean {
  return from <= now && now < until
}

/** NaN where that is no time. */
function timeOf(text: string | undefined, side: 'start' | 'end', isWide: boolean): number | undefined {
  if (text === undefined) return undefined
  if (text.includes('T')) return Date.parse(text)
  const [year = NaN, month, day] = text.split('-').map(Number)
  if (side === 'start') return Date.UTC(year, (month ?? 1) - 1, day ?? 1) + (isWide ? EARLIEST : LATEST)
  const end = month === undefined ? [year + 1, 0, 1] : day === undefined ? [year, month, 1] : [year, month - 1, day + 1]
  return Date.UTC(...(end as [number, number, number])) + (isWide ? LATEST : EARLIEST)
}
