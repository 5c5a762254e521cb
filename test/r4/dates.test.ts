import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { dateRange } from '../../src/r4/dates.ts'

test.each([
  ['2024', '2024-01-01T00:00:00.000Z', '2025-01-01T00:00:00.000Z'],
  ['2024-12', '2024-12-01T00:00:00.000Z', '2025-01-01T00:00:00.000Z'],
  ['2024-02-29', '2024-02-29T00:00:00.000Z', '2024-03-01T00:00:00.000Z'],
  ['0001', '0001-01-01T00:00:00.000Z', '0002-01-01T00:00:00.000Z'],
  ['0099-12-31', '0099-12-31T00:00:00.000Z', '0100-01-01T00:00:00.000Z'],
  ['9999-12', '9999-12-01T00:00:00.000Z', '+010000-01-01T00:00:00.000Z'],
  ['2024-01-01T10:00:00+05:30', '2024-01-01T04:30:00.000Z', '2024-01-01T04:30:01.000Z'],
  ['2024-01-01T00:00:00-14:00', '2024-01-01T14:00:00.000Z', '2024-01-01T14:00:01.000Z'],
  ['2024-01-01T10:00', '2024-01-01T10:00:00.000Z', '2024-01-01T10:01:00.000Z'],
  ['2024-01-01T10:00:00.1Z', '2024-01-01T10:00:00.100Z', '2024-01-01T10:00:00.200Z'],
  ['2024-01-01T10:00:00.123456Z', '2024-01-01T10:00:00.123Z', '2024-01-01T10:00:00.124Z'],
  ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z', '2017-01-01T00:00:01.000Z'],
])('%s is from %s to before %s', (text, from, to) => {
  expect(dateRange(text)).toEqual({ l: new Date(from), h: new Date(to) })
})

test.each([
  ...[
    '',
    '0000',
    '24',
    '2024-',
    '2024-00',
    '2024-13',
    '2024-1-1',
    '2024-02-30',
    '2023-02-29',
    '1900-02-29',
    '2024-04-31',
  ],
  ...['2024-01-00', '2024-01-01T24:00:00Z', '2024-01-01T10', '2024-01-01T10:60:00Z', '2024-01-01T10:00:61Z'],
  ...['2024-01-01T10:00:00.Z', '2024-01-01T10:00:00+14:01', '2024-01-01T10:00:00+0530', '2024-01-01 10:00:00', '10000'],
  ...['2024-01-01T10:00:00+05:60', '2024-01-01\n', ' 2024', '٢٠٢٤', '-2024'],
])('%j is no date', (text) => {
  expect(dateRange(text)).toBeUndefined()
})

test('every moment is in the range of each text that names it', () => {
  const moments = fc.date({
    min: new Date('0001-01-01T00:00:00Z'),
    max: new Date('9999-12-31T23:59:59.999Z'),
    noInvalidDate: true,
  })
  fc.assert(
    fc.property(moments, (moment) => {
      const iso = moment.toISOString()
      for (const text of [iso, iso.slice(0, 19) + 'Z', iso.slice(0, 10), iso.slice(0, 7), iso.slice(0, 4)]) {
        const range = dateRange(text)
        expect(range && range.l <= moment && moment < range.h).toBe(true)
      }
      expect(dateRange(iso)?.l).toEqual(moment)
    }),
  )
})

test('a day is a date exactly when the calendar has it', () => {
  const part = fc.integer({ min: 0, max: 99 })
  fc.assert(
    fc.property(fc.integer({ min: 100, max: 9999 }), part, part, (year, month, day) => {
      const there = new Date(Date.UTC(year, month - 1, day))
      const exists = there.getUTCMonth() === month - 1 && there.getUTCDate() === day && there.getUTCFullYear() === year
      const text = [String(year).padStart(4, '0'), String(month).padStart(2, '0'), String(day).padStart(2, '0')].join(
        '-',
      )
      expect(dateRange(text) !== undefined).toBe(exists)
    }),
  )
})
