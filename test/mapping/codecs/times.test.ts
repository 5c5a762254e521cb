import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { NotStorableError, UnreadableError } from '../../../src/mapping/errors.ts'
import { wallToInstant } from '../../../src/mapping/codecs/time-zone.ts'
import { contextIn, keepsReading, make, ZONES } from './laws.ts'

const utc = contextIn()
const kolkata = contextIn('Asia/Kolkata')
const newYork = contextIn('America/New_York')
const date = make('date')
const instant = make('instant', { type: 'dateTime' })
const wall = make('wall-time', { type: 'dateTime' })
const start = make('date-and-time')

const anyTime = fc.date({ min: new Date('1901-01-01'), max: new Date('2099-01-01'), noInvalidDate: true })
const zones = fc.constantFrom(...ZONES).map((zone) => contextIn(zone))

test('a date is its digits, never moved by a zone', () => {
  expect(date.read('1990-04-11', newYork)).toBe('1990-04-11')
  expect(date.read(new Date('1990-04-11T00:00:00Z'), newYork)).toBe('1990-04-11')
  expect(date.read('1990-04-11 00:00:00', kolkata)).toBe('1990-04-11')
  expect(date.read('1990-04-11T23:59:59+14:00', kolkata)).toBe('1990-04-11')
})

test.each(['2023-02-29', '0000-00-00', '1990-4-1', '11/04/1990', '1990', '2024-13-01', 'soon', '1990-04-11x', 5, {}])(
  '%p is no date',
  (stored) => {
    expect(() => date.read(stored, utc)).toThrow(UnreadableError)
  },
)

test('any date stays what it was, in every form', () => {
  fc.assert(
    fc.property(anyTime, (time) => {
      const iso = time.toISOString()
      expect(keepsReading(date, time)).toEqual(time)
      for (const text of [iso.slice(0, 10), iso, `${iso.slice(0, 10)} 00:00:00`]) {
        expect(keepsReading(date, text)).toBe(text)
      }
    }),
  )
})

test('years that FHIR does not know are no dates', () => {
  expect(() => date.read(new Date('+010000-01-01T00:00:00Z'), utc)).toThrow(UnreadableError)
  expect(() => instant.read(new Date('-000001-01-01T00:00:00Z'), utc)).toThrow(UnreadableError)
  expect(() => instant.write('9999-12-31T23:59:59-10:00', null, utc)).toThrow(NotStorableError)
  expect(date.read('9999-12-31', utc)).toBe('9999-12-31')
})

test('a date keeps the form of its column; a partial one is refused', () => {
  expect(date.write('2026-01-31', '1990-04-11 00:00:00', utc)).toBe('2026-01-31 00:00:00')
  expect(date.write('2026-01-31', new Date(0), utc)).toEqual(new Date('2026-01-31T00:00:00Z'))
  expect(date.write('2026-01-31', null, utc)).toBe('2026-01-31')
  for (const partial of ['1990', '1990-04', '2023-02-29', '2026-01-31T00:00:00Z']) {
    expect(() => date.write(partial, '1990-04-11', utc)).toThrow(NotStorableError)
  }
})

test.each([
  ['2025-10-06T23:05:00Z', '2025-10-06T23:05:00Z'],
  ['2025-10-06T23:05:00.000Z', '2025-10-06T23:05:00Z'],
  ['2025-10-06T23:05:00.120Z', '2025-10-06T23:05:00.120Z'],
  ['2025-10-06 23:05:00.123456+00', '2025-10-06T23:05:00.123456Z'],
  ['2025-09-01T08:00:00+05:30', '2025-09-01T02:30:00Z'],
  ['2025-09-01T08:00:00-0400', '2025-09-01T12:00:00Z'],
  ['2025-08-01 07:00:00', '2025-08-01T01:30:00Z'],
  ['2025-08-01 07:00', '2025-08-01T01:30:00Z'],
  ['2025-08-01T07:00:00', '2025-08-01T01:30:00Z'],
  ['2025-08-01', '2025-08-01'],
  [new Date('2025-08-01T07:00:00.5Z'), '2025-08-01T07:00:00.500Z'],
])('%p is the moment %s to a system in Kolkata', (stored, moment) => {
  expect(instant.read(stored, kolkata)).toBe(moment)
})

test.each([
  '2025-02-30T00:00:00Z',
  '2025-01-01T24:00:00Z',
  '2025-01-01T23:59:60Z',
  '2025-01-01T10:00:00+25:00',
  'now',
  7,
])('%p is no moment', (stored) => {
  expect(() => instant.read(stored, utc)).toThrow(UnreadableError)
  expect(() => instant.read(new Date(NaN), utc)).toThrow(UnreadableError)
})

test('a BSON date of a wall-time column holds wall time', () => {
  expect(wall.read(new Date('2025-08-01T07:00:00Z'), kolkata)).toBe('2025-08-01T01:30:00Z')
  expect(wall.read('2025-08-01 07:00:00', newYork)).toBe('2025-08-01T11:00:00Z')
  expect(wall.write('2025-08-01T01:30:00Z', new Date(0), kolkata)).toEqual(new Date('2025-08-01T07:00:00Z'))
})

test('an element of type instant has a time even when the text is a date', () => {
  expect(make('instant', { type: 'instant' }).read('2025-08-01', kolkata)).toBe('2025-07-31T18:30:00Z')
})

test('any timestamp with an offset, and any BSON date, stays what it was in every zone', () => {
  fc.assert(
    fc.property(anyTime, zones, (time, context) => {
      const iso = time.toISOString()
      const texts = [iso, `${iso.slice(0, 19)}Z`, iso.replace('T', ' ').replace('Z', '+00'), iso.replace('Z', '-09:30')]
      for (const text of texts) expect(keepsReading(instant, text, context)).toBe(text)
      expect(keepsReading(instant, time, context)).toEqual(time)
    }),
  )
})

test('any wall time keeps its moment in every zone, and its text unless the clocks skipped it', () => {
  fc.assert(
    fc.property(anyTime, zones, (time, context) => {
      const text = time.toISOString().slice(0, 19).replace('T', ' ')
      const digits = Math.floor(time.getTime() / 1000) * 1000
      const kept = keepsReading(wall, text, context)
      const bson = keepsReading(wall, new Date(digits), context) as Date
      const shown = new Date(wallToInstant(context.timeZone, digits))
      expect(wall.read(text, context)).toBe(shown.toISOString().replace('.000', ''))
      expect(String(kept).replace(' ', 'T')).toBe(bson.toISOString().slice(0, 19))
    }),
  )
})

test('a timestamp is written in the form it had', () => {
  const sent = '2026-01-31T09:30:00+01:00'
  expect(instant.write(sent, '2025-01-01T00:00:00Z', utc)).toBe('2026-01-31T08:30:00Z')
  expect(instant.write(sent, '2025-01-01T00:00:00.000Z', utc)).toBe('2026-01-31T08:30:00.000Z')
  expect(instant.write(sent, '2025-01-01 00:00:00+05:30', utc)).toBe('2026-01-31 14:00:00+05:30')
  expect(instant.write(sent, '2025-01-01 00:00:00', kolkata)).toBe('2026-01-31 14:00:00')
  expect(instant.write(sent, '2025-01-01 00:00', utc)).toBe('2026-01-31 08:30')
  expect(instant.write(sent, null, kolkata)).toBe('2026-01-31T08:30:00Z')
  expect(wall.write(sent, null, kolkata)).toBe('2026-01-31 14:00:00')
  expect(instant.write('2026-01-31T08:30:00.25Z', '2025-01-01T00:00:00Z', utc)).toBe('2026-01-31T08:30:00.250Z')
  expect(instant.write('2026-01-31', '2025-01-01', utc)).toBe('2026-01-31')
  expect(instant.write(undefined, '2025-01-01', utc)).toBeNull()
})

test('times a column cannot hold are refused', () => {
  const before = '2025-01-01 00:00:00'
  expect(() => instant.write('2026-01-31', before, utc)).toThrow(/time and an offset/)
  expect(() => instant.write('2026-01-31T09:30:00', before, utc)).toThrow(/time and an offset/)
  expect(() => instant.write('2026-02-30T09:30:00Z', before, utc)).toThrow(NotStorableError)
  expect(() => instant.write('2026-01-31T09:30:00.1234Z', new Date(0), utc)).toThrow(/milliseconds/)
  expect(() => wall.write('2026-11-01T06:30:00Z', before, newYork)).toThrow(/the first/)
  expect(wall.write('2026-11-01T05:30:00Z', before, newYork)).toBe('2026-11-01 01:30:00')
})

test('a day and a time of day are a moment in the zone of the system; the time column wins', () => {
  expect(start.read(['2025-09-15 00:00:00', '11:00'], kolkata)).toBe('2025-09-15T05:30:00Z')
  expect(start.read([new Date('2025-09-20T00:00:00Z'), '15:15'], newYork)).toBe('2025-09-20T19:15:00Z')
  expect(start.read(['2025-09-15 08:00:00', '9:05'], utc)).toBe('2025-09-15T09:05:00Z')
  expect(start.read(['2025-09-15 08:00:00', null], utc)).toBe('2025-09-15T08:00:00Z')
  expect(start.read([null, '11:00'], utc)).toBeUndefined()
  expect(() => start.read(['2025-09-15', 'noon'], utc)).toThrow(UnreadableError)
})

test('a day and a time are stored in the form they had', () => {
  const sent = '2026-01-31T23:45:00Z'
  expect(start.write(sent, ['2025-09-15 00:00:00', '11:00'], kolkata)).toEqual(['2026-02-01 00:00:00', '05:15'])
  expect(start.write(sent, ['2025-09-15T00:00:00.000Z', '11:00:00'], utc)).toEqual([
    '2026-01-31T00:00:00.000Z',
    '23:45:00',
  ])
  expect(start.write(sent, ['2025-09-15', '11:00'], utc)).toEqual(['2026-01-31', '23:45'])
  expect(start.write(sent, [new Date(0), '11:00'], utc)).toEqual([new Date('2026-01-31T00:00:00Z'), '23:45'])
  expect(start.write(sent, [null, null], utc)).toEqual(['2026-01-31 00:00:00', '23:45'])
  expect(start.write(undefined, ['2025-09-15', '11:00'], utc)).toEqual([null, null])
  expect(() => start.write('2026-01-31T23:45:10Z', ['2025-09-15', '11:00'], utc)).toThrow(/minute only/)
  expect(() => start.write('2026-11-01T06:30:00Z', ['2025-09-15', '11:00'], newYork)).toThrow(/the first/)
})

test('any day and time keeps its columns, in the gap and in the overlap too', () => {
  fc.assert(
    fc.property(anyTime, zones, fc.boolean(), (time, context, bson) => {
      const iso = time.toISOString()
      const day = bson ? new Date(`${iso.slice(0, 10)}T00:00:00Z`) : `${iso.slice(0, 10)} 00:00:00`
      expect(keepsReading(start, [day, iso.slice(11, 16)], context)).toEqual([day, iso.slice(11, 16)])
    }),
  )
  for (const stored of [
    ['2026-03-08', '02:30'],
    ['2026-11-01', '01:30'],
  ]) {
    expect(keepsReading(start, stored, newYork)).toEqual(stored)
  }
})

test('an end is the start plus minutes, over midnight and the year, with a default when there are none', () => {
  const end = make('end-of', { default: 30 })
  expect(end.read(['2025-12-31', '23:45', 30], utc)).toBe('2026-01-01T00:15:00Z')
  expect(end.read(['2025-12-31', '23:45', null], utc)).toBe('2026-01-01T00:15:00Z')
  expect(end.read(['2025-12-31', '23:45', 0], utc)).toBe('2026-01-01T00:15:00Z')
  expect(make('end-of').read(['2025-12-31', '23:45', null], utc)).toBeUndefined()
  expect(end.read([null, '23:45', 30], utc)).toBeUndefined()
})

test('an end decides the minutes only', () => {
  const end = make('end-of', { default: 30 })
  const columns = ['2025-12-31', '23:45', '20']
  expect(keepsReading(end, columns)).toEqual(columns)
  expect(end.write('2026-01-01T00:30:00Z', columns, utc)).toEqual(['2025-12-31', '23:45', '45'])
  expect(keepsReading(end, ['2025-12-31', '23:45', null])).toEqual(['2025-12-31', '23:45', null])
  expect(() => end.write('2025-12-31T23:45:00Z', columns, utc)).toThrow(NotStorableError)
  expect(() => end.write('2026-01-01T00:30:30Z', columns, utc)).toThrow(NotStorableError)
  expect(() => end.write(undefined, columns, utc)).toThrow(/send an end/)
  expect(make('end-of').write(undefined, columns, utc)).toEqual(['2025-12-31', '23:45', null])
})

test('a timestamp plus minutes is the end of a visit, and back', () => {
  const end = make('plus-minutes')
  expect(end.read(['2025-09-01T08:00:00+00:00', 20], utc)).toBe('2025-09-01T08:20:00Z')
  expect(end.write('2025-09-01T08:30:00Z', ['2025-09-01T08:00:00+00:00', 20], utc)).toEqual([
    '2025-09-01T08:00:00+00:00',
    30,
  ])
})

test('the minutes between two timestamps are whole and positive', () => {
  const between = make('minutes-between')
  expect(between.read(['2025-09-01T08:00:00Z', '2025-09-01T08:20:40Z'], utc)).toBe(20)
  expect(between.read(['2025-09-01T08:00:00Z', '2025-09-01T07:00:00Z'], utc)).toBeUndefined()
  expect(between.read(['2025-09-01T08:00:00Z', null], utc)).toBeUndefined()
})

test('a start alone has an end that is assumed', () => {
  expect(make('assumed-end').read('2025-10-05T23:45:00.250Z', contextIn())).toBe('2025-10-06T00:15:00.250Z')
  expect(make('assumed-end', { default: 15 }).read(new Date('2025-10-05T02:00:00Z'), contextIn())).toBe(
    '2025-10-05T02:15:00Z',
  )
})

test('the periods of several rows, and what they span together', () => {
  const columns = [
    ['2025-09-05T02:10:00Z', '2025-09-05T02:00:30Z', null],
    [null, new Date('2025-09-05T02:05:00Z'), null],
  ]
  const context = contextIn()
  expect(make('periods').read(columns, context)).toEqual([
    { start: '2025-09-05T02:10:00Z' },
    { start: '2025-09-05T02:00:30Z', end: '2025-09-05T02:05:00Z' },
  ])
  // one of them has not ended
  expect(make('span').read(columns, context)).toEqual(['2025-09-05T02:00:30Z', undefined])
  const over = [columns[0], ['2025-09-05T02:30:00.5Z', '2025-09-05T02:30:00Z', null]]
  expect(make('span').read(over, context)).toEqual(['2025-09-05T02:00:30Z', '2025-09-05T02:30:00.500Z'])
  const slip = contextIn()
  expect(make('periods').read([['2025-09-05T02:10:00Z'], ['2025-09-05T02:05:00Z']], slip)).toEqual([
    { start: '2025-09-05T02:10:00Z' },
  ])
  expect(slip.warnings).toHaveLength(1)
  expect(make('span').read([[null], [null]], context)).toBeUndefined()
  expect(make('periods').read([[null], null], context)).toBeUndefined()
})
