import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { NotStorableError } from '../../../src/mapping/errors.ts'
import { contextIn, keepsReading, make } from './laws.ts'

const context = contextIn()
const hours = make('weekday-hours')
const slots = make('slots-text')
const tuesday = { daysOfWeek: ['tue'], availableStartTime: '08:00:00', availableEndTime: '12:00:00' }

test('hours by weekday are available times from Monday to Sunday, also as JSON text', () => {
  expect(hours.read({ tuesday: [{ start: '08:00', end: '12:00' }] }, context)).toEqual([tuesday])
  expect(
    hours.read('{"Fri":[{"start":"13:30","end":"17:00"}],"Tuesday":[{"start":"8:00","end":"12:00"}]}', context),
  ).toEqual([tuesday, { daysOfWeek: ['fri'], availableStartTime: '13:30:00', availableEndTime: '17:00:00' }])
  expect(hours.read({}, context)).toBeUndefined()
})

test('hours that are none are left out with a warning', () => {
  const own = contextIn()
  expect(hours.read({ monday: [{ start: 'early', end: '12:00' }, 'x'], someday: [] }, own)).toBeUndefined()
  expect(own.warnings).toHaveLength(2)
})

test('hours are stored under the names the column has, other members kept', () => {
  const before = { Tue: [{ start: '08:00', end: '12:00', room: 4 }], friday: [], note: 'x' }
  expect(keepsReading(hours, before)).toEqual(before)
  const monday = { ...tuesday, daysOfWeek: ['mon'] }
  expect(hours.write([monday, tuesday], before, context)).toEqual({
    Tue: [{ start: '08:00', end: '12:00', room: 4 }],
    friday: [],
    note: 'x',
    monday: [{ start: '08:00', end: '12:00' }],
  })
  expect(hours.write([tuesday], null, context)).toEqual({ tuesday: [{ start: '08:00', end: '12:00' }] })
  expect(hours.write([tuesday], '{}', context)).toBe('{"tuesday":[{"start":"08:00","end":"12:00"}]}')
  expect(hours.write(undefined, null, context)).toBeNull()
})

test('hours the column cannot hold are refused', () => {
  expect(() => hours.write([{ daysOfWeek: ['mon'], allDay: true }], null, context)).toThrow(NotStorableError)
  expect(() => hours.write([{ ...tuesday, id: 'x' }], null, context)).toThrow(NotStorableError)
})

test('starting times are texts of weekday and time', () => {
  expect(slots.read({ monday: ['10:00', '9:30'], sun: [] }, context)).toEqual(['mon 10:00', 'mon 09:30'])
  expect(keepsReading(slots, { monday: ['10:00'] })).toEqual({ monday: ['10:00'] })
  expect(slots.write(['tue 11:00'], { monday: ['10:00'] }, context)).toEqual({ tuesday: ['11:00'] })
  expect(() => slots.write(['tuesday at 11'], null, context)).toThrow(NotStorableError)
})

test('any week of starting times keeps its reading', () => {
  const time = fc
    .tuple(fc.nat(23), fc.nat(59))
    .map(([h, m]) => `${String(h).padStart(2, '0')}:${String(m).padStart(2, '0')}`)
  const week = fc.dictionary(fc.constantFrom('monday', 'tue', 'Sunday'), fc.array(time))
  fc.assert(
    fc.property(week, fc.boolean(), (stored, json) => {
      keepsReading(slots, json ? JSON.stringify(stored) : stored)
    }),
  )
})
