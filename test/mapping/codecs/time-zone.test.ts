import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { dayDigits, dayText, utcTimeText } from '../../../src/mapping/codecs/time-text.ts'
import { instantToWall, wallToInstant } from '../../../src/mapping/codecs/time-zone.ts'
import { ZONES } from './laws.ts'

const at = (text: string): number => Date.parse(`${text}Z`)
const iso = (time: number): string => new Date(time).toISOString().slice(0, 19)

/** What Intl itself shows, slowly. */
function intlWall(timeZone: string, instant: number): string {
  const part = '2-digit'
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    ...{ year: 'numeric', month: part, day: part, hour: part, minute: part, second: part },
  })
  return format.format(instant).replace(' ', 'T')
}

const instants = fc.integer({ min: at('1900-01-01T00:00:00') / 1000, max: at('2099-12-31T23:59:59') / 1000 })

test.each(ZONES)('the wall time of any moment in %s is the one Intl shows', (zone) => {
  fc.assert(
    fc.property(instants, (seconds) => {
      expect(iso(instantToWall(zone, seconds * 1000))).toBe(intlWall(zone, seconds * 1000))
    }),
    { numRuns: 300 },
  )
})

test.each(ZONES)('a wall time of %s leads to a moment that shows it, the first one when there are two', (zone) => {
  fc.assert(
    fc.property(instants, (seconds) => {
      const wall = instantToWall(zone, seconds * 1000)
      const instant = wallToInstant(zone, wall)
      expect(instantToWall(zone, instant)).toBe(wall)
      expect(instant).toBeLessThanOrEqual(seconds * 1000)
    }),
    { numRuns: 300 },
  )
})

test.each([
  ['America/New_York', '2026-03-08T02:30:00', '2026-03-08T07:30:00', 'a gap moves forward'],
  ['America/New_York', '2026-11-01T01:30:00', '2026-11-01T05:30:00', 'an overlap is its first occurrence'],
  ['America/New_York', '2026-11-01T02:00:00', '2026-11-01T07:00:00', 'after the overlap'],
  ['Australia/Lord_Howe', '2026-10-04T02:15:00', '2026-10-03T15:45:00', 'a gap of half an hour'],
  ['Australia/Lord_Howe', '2026-04-05T01:45:00', '2026-04-04T14:45:00', 'an overlap of half an hour'],
  ['Pacific/Apia', '2011-12-30T12:00:00', '2011-12-30T22:00:00', 'a day left out'],
  ['Asia/Kolkata', '2026-01-01T00:00:00', '2025-12-31T18:30:00', 'across the year'],
])('in %s, %s is %s: %s', (zone, wall, instant) => {
  expect(iso(wallToInstant(zone, at(wall)))).toBe(instant)
})

test('years of one digit do not break it', () => {
  expect(Math.abs(wallToInstant('Asia/Kolkata', at('0001-01-02T00:00:00')) - at('0001-01-02T00:00:00'))).toBeLessThan(
    86_400_000,
  )
})

test('every day of four centuries is written and read as Date does it', () => {
  for (let day = at('1800-01-01T00:00:00'); day < at('2200-01-01T00:00:00'); day += 86_400_000) {
    const text = new Date(day).toISOString().slice(0, 10)
    if (dayText(day) !== text || dayDigits(text) !== day) throw new Error(text)
  }
  expect(dayText(at('0001-01-01T00:00:00'))).toBe('0001-01-01')
  expect(dayText(at('9999-12-31T23:59:59'))).toBe('9999-12-31')
})

test('a moment is written as Date does it, of whole minutes and others', () => {
  const minutes = instants.map((seconds) => seconds - (seconds % 60))
  fc.assert(
    fc.property(fc.oneof(instants, minutes), (seconds) => {
      expect(utcTimeText(seconds * 1000)).toBe(`${iso(seconds * 1000)}Z`)
    }),
  )
})
