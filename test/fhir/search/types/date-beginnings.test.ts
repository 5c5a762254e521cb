/** Whatever fits a date begins where it is said to: held against the prefixes of R4 read literally. */
import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { PREFIXES } from '../../../../src/fhir/search/prefix.ts'
import { dateMatches } from '../../../../src/fhir/search/types/date.ts'
import { beginningsOf, longestOf } from '../../../../src/fhir/search/types/date-beginnings.ts'
import { dateRange } from '../../../../src/r4/dates.ts'

const NOW = Date.UTC(2026, 2, 2)
const DAY = 86_400_000

const text = fc.constantFrom(
  ...['2024', '2025', '2026', '2025-02', '2025-12', '2026-01', '2024-02-29', '2025-12-31', '2026-03-01'],
  ...['2026-03-01T08:00:00Z', '2026-03-01T23:59:59+02:00', '2025-12-31T23:59:59.999Z'],
)
const instant = fc.constantFrom('2026-03-01T08:00:00Z', '2026-03-01T07:59:59Z', '2025-12-31T23:59:59.999Z')

interface Interval {
  readonly l: Date
  readonly h: Date
}

type Condition = Readonly<Record<string, Date>>

function holds({ $gte, $gt, $lt, $lte }: Condition, date: Date): boolean {
  return !(($gte && date < $gte) || ($gt && date <= $gt) || ($lt && date >= $lt) || ($lte && date > $lte))
}

function fits(value: string, { l, h }: Interval): boolean {
  return dateMatches('date', value, 'date', NOW).some(
    (match) => holds((match.l ?? {}) as Condition, l) && holds((match.h ?? {}) as Condition, h),
  )
}

function isWithin(value: string, longest: number, { l }: Interval): boolean {
  const { from, to } = beginningsOf(value, 'date', longest, NOW)
  return (!from || l >= from) && (!to || l < to)
}

const kinds: readonly [string, ReadonlySet<string>, fc.Arbitrary<Interval>][] = [
  ['instant', new Set(['instant']), instant.map((each) => dateRange(each)!)],
  ['dateTime', new Set(['dateTime']), text.map((each) => dateRange(each)!)],
  [
    'Period',
    new Set(['dateTime', 'Period']),
    // One may end before it begins
    fc.tuple(text, text).map(([start, end]) => ({ l: dateRange(start)!.l, h: dateRange(end)!.h })),
  ],
]

test.each(kinds)('of values of %s', (_, types, stored) => {
  const longest = longestOf(types)
  fc.assert(
    fc.property(fc.constantFrom(...PREFIXES), text, stored, (prefix, asked, interval) => {
      const value = `${prefix}${asked}`
      expect(!fits(value, interval) || isWithin(value, longest, interval)).toBe(true)
    }),
    { numRuns: 3_000 },
  )
})

test('two bounds of an instant are as near as a second', () => {
  const { from } = beginningsOf('ge2026-03-02', 'date', longestOf(new Set(['instant'])), NOW)
  expect(from).toEqual(new Date(NOW))
  const { from: after } = beginningsOf('gt2026-03-01', 'date', longestOf(new Set(['instant'])), NOW)
  expect(after).toEqual(new Date(NOW - 1000))
  expect(beginningsOf('lt2026-03-03', 'date', longestOf(new Set(['Period'])), NOW)).toEqual({ to: new Date(NOW + DAY) })
})
