import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { instantToWall } from '../../../src/mapping/codecs/time-zone.ts'
import { REMINDERS } from '../../../src/store/clinic-settings.ts'
import { afterQuiet, dueMoments, isQuiet } from '../../../src/workers/owing/due-moments.ts'

const HOUR = 3_600_000
const at = (text: string) => Date.parse(text)
const LONG_AGO = at('2020-01-01T00:00:00Z')

/** Wall times, as the clinic's clock shows them. */
const walls = (start: string, zone: string, settings = REMINDERS, now = LONG_AGO) =>
  dueMoments(at(start), settings, zone, now).map(({ minutes, at: due }) => {
    return `${minutes} ${new Date(instantToWall(zone, due)).toISOString().slice(0, 16)}`
  })

describe('a day and two hours before', () => {
  test('at any hour that is not quiet', () => {
    expect(walls('2026-03-02T14:00:00Z', 'UTC')).toEqual(['1440 2026-03-01T14:00', '120 2026-03-02T12:00'])
  })

  test('earlier where it would be in the night: the evening before', () => {
    expect(walls('2026-03-02T07:30:00Z', 'UTC')).toEqual(['1440 2026-02-28T20:59', '120 2026-03-01T20:59'])
    expect(walls('2026-03-02T08:00:00Z', 'UTC')).toEqual(['1440 2026-03-01T08:00', '120 2026-03-01T20:59'])
    expect(walls('2026-03-02T21:00:00Z', 'UTC')).toEqual(['1440 2026-03-01T20:59', '120 2026-03-02T19:00'])
  })

  test('by the wall of the clinic, wherever the gateway runs', () => {
    expect(walls('2026-03-02T04:30:00Z', 'Asia/Kolkata')).toEqual(['1440 2026-03-01T10:00', '120 2026-03-02T08:00'])
  })

  test('not at all where it is too late for it, also when quiet hours are the reason', () => {
    expect(walls('2026-03-02T14:00:00Z', 'UTC', REMINDERS, at('2026-03-01T15:00:00Z'))).toEqual([
      '120 2026-03-02T12:00',
    ])
    expect(walls('2026-03-02T09:00:00Z', 'UTC', REMINDERS, at('2026-03-01T22:00:00Z'))).toEqual([])
    expect(walls('2026-03-02T09:00:00Z', 'UTC', { ...REMINDERS, enabled: false })).toEqual([])
  })

  test('once where both fall on one moment', () => {
    const settings = { ...REMINDERS, minutesBefore: [240, 120] }
    expect(walls('2026-03-02T09:00:00Z', 'UTC', settings)).toEqual(['120 2026-03-01T20:59'])
  })
})

describe('when the clocks change', () => {
  test('a day before is 24 hours, whatever the clock shows', () => {
    // Berlin springs forward on 2026-03-29 at 02:00
    expect(walls('2026-03-29T12:00:00Z', 'Europe/Berlin')).toEqual(['1440 2026-03-28T13:00', '120 2026-03-29T12:00'])
  })

  test('a minute before quiet hours that the clock skips gives way to the last that it shows', () => {
    const quietHours = { from: '02:30', to: '09:00' }
    const settings = { enabled: true, minutesBefore: [60], quietHours }
    expect(walls('2026-03-29T07:00:00Z', 'Europe/Berlin', settings)).toEqual(['60 2026-03-29T01:59'])
  })

  test('an hour that comes twice is no reason to remind twice', () => {
    // New York falls back on 2026-11-01 at 02:00
    const settings = { enabled: true, minutesBefore: [120, 60] }
    const moments = dueMoments(at('2026-11-01T07:30:00Z'), settings, 'America/New_York', LONG_AGO)
    expect(new Set(moments.map(({ at: due }) => due)).size).toBe(2)
    expect(walls('2026-11-01T07:30:00Z', 'America/New_York', settings)).toEqual([
      '120 2026-11-01T01:30',
      '60 2026-11-01T01:30',
    ])
  })
})

test('what has no time to be there by waits for the end of quiet hours', () => {
  const quiet = { from: '21:00', to: '08:00' }
  const later = (text: string, zone = 'UTC') => new Date(afterQuiet(at(text), quiet, zone)).toISOString()
  expect(later('2026-03-01T12:00:00Z')).toBe('2026-03-01T12:00:00.000Z')
  expect(later('2026-03-01T23:00:00Z')).toBe('2026-03-02T08:00:00.000Z')
  expect(later('2026-03-02T07:59:00Z')).toBe('2026-03-02T08:00:00.000Z')
  expect(later('2026-03-28T22:00:00Z', 'Europe/Berlin')).toBe('2026-03-29T06:00:00.000Z')
})

const clock = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
  .map((parts) => parts.map((part) => String(part).padStart(2, '0')).join(':'))
const generated = fc.record({
  start: fc.integer({ min: at('2026-01-01T00:00:00Z'), max: at('2027-01-01T00:00:00Z') }),
  now: fc.integer({ min: at('2025-12-20T00:00:00Z'), max: at('2027-01-02T00:00:00Z') }),
  zone: fc.constantFrom(
    'UTC',
    'Europe/Berlin',
    'America/New_York',
    'Asia/Kolkata',
    'Australia/Lord_Howe',
    'Africa/Cairo',
  ),
  minutesBefore: fc.array(fc.integer({ min: 5, max: 4_320 }), { maxLength: 5 }),
  quietHours: fc.record({ from: clock, to: clock }).filter(({ from, to }) => from !== to),
})

test('laws: never in quiet hours, in the past, after its own time or at another one without need, nor two at once', () => {
  fc.assert(
    fc.property(generated, ({ start, now, zone, minutesBefore, quietHours }) => {
      const moments = dueMoments(start, { enabled: true, minutesBefore, quietHours }, zone, now)
      for (const { minutes, at: due } of moments) {
        const wished = start - minutes * 60_000
        expect(isQuiet(due, quietHours, zone)).toBe(false)
        expect(due > now && due <= wished && wished - due <= 25 * HOUR).toBe(true)
        expect(minutesBefore).toContain(minutes)
        if (!isQuiet(wished, quietHours, zone)) expect(due).toBe(wished)
      }
      expect(new Set(moments.map(({ at: due }) => due)).size).toBe(moments.length)
      expect(new Set(moments.map(({ minutes }) => minutes)).size).toBe(moments.length)
      for (const minutes of minutesBefore) {
        const wished = start - minutes * 60_000
        const isKept = !isQuiet(wished, quietHours, zone) && wished > now
        if (isKept) expect(moments.map(({ at: due }) => due)).toContain(wished)
        const later = afterQuiet(wished, quietHours, zone)
        expect(later >= wished && !isQuiet(later, quietHours, zone)).toBe(true)
      }
    }),
    { numRuns: 500 },
  )
})
