import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { Decimal128 } from 'mongodb'
import { NotStorableError, UnreadableError } from '../../../src/mapping/errors.ts'
import { rawJSON } from '../../../src/mapping/exact.ts'
import { contextIn, keepsReading, make, tableOf } from './laws.ts'

const context = contextIn()
const UCUM = 'http://unitsofmeasure.org'
const units = tableOf({ bpm: '/min', c: 'Cel', '°c': '~Cel', steps: '{steps}' })
const measurement = make('measurement', { table: units })

test.each([
  [72, 'bpm', { value: 72, unit: 'bpm', system: UCUM, code: '/min' }],
  ['36.60', '°C', { value: rawJSON('36.60'), unit: '°C', system: UCUM, code: 'Cel' }],
  [Decimal128.fromString('61.40'), 'kg', { value: rawJSON('61.40'), unit: 'kg', system: UCUM, code: 'kg' }],
  [0, 'steps', { value: 0, unit: 'steps', system: UCUM, code: '{steps}' }],
  [3, 'hops', { value: 3, unit: 'hops' }],
  [3, null, { value: 3 }],
])('the device value %p in %p is a quantity', (value, unit, quantity) => {
  expect(measurement.read([value, unit], context)).toEqual([quantity])
})

test('a device value that is no number is text', () => {
  expect(measurement.read(['REM', null], context)).toEqual([undefined, 'REM'])
  expect(measurement.read([null, 'bpm'], context)).toBeUndefined()
})

test('a quantity is written as number and unit word, in the kind that was there', () => {
  const quantity = { value: 80, unit: 'beats', system: UCUM, code: '/min' }
  expect(measurement.write([quantity], [72, 'bpm'], context)).toEqual([80, 'bpm'])
  expect(measurement.write([quantity], [null, null], context)).toEqual([80, 'bpm'])
  expect(measurement.write([{ value: 36.6, system: UCUM, code: 'Cel' }], ['37.1', '°C'], context)).toEqual([
    '36.6',
    '°C',
  ])
  expect(measurement.write([{ value: 2, unit: 'hops' }], [null, null], context)).toEqual([2, 'hops'])
  expect(measurement.write([undefined, 'REM'], [72, null], context)).toEqual(['REM', null])
  expect(measurement.write(undefined, [72, 'bpm'], context)).toEqual([null, null])
})

test('a quantity with a comparator is refused', () => {
  expect(() => measurement.write([{ value: 3, comparator: '<', unit: 'kg' }], [null, null], context)).toThrow(
    NotStorableError,
  )
})

test('any device value keeps its reading and its columns', () => {
  const value = fc.oneof(fc.integer(), fc.stringMatching(/^\d{1,3}\.\d{1,3}$/), fc.string())
  const unit = fc.constantFrom(null, 'bpm', '°C', 'C', 'kg', 'hops', '%')
  fc.assert(
    fc.property(value, unit, (stored, word) => {
      if (measurement.read([stored, word], context) === undefined) return
      keepsReading(measurement, [stored, word])
    }),
  )
})

const pressure = make('blood-pressure')
const mmHg = { unit: 'mmHg', system: UCUM, code: 'mm[Hg]' }

test('a blood pressure is two quantities', () => {
  expect(pressure.read(['120/80', 'mmHg'], context)).toEqual([
    { value: 120, ...mmHg },
    { value: 80, ...mmHg },
  ])
  expect(pressure.read([' 118.5 / 79 ', null], context)).toHaveLength(2)
  expect(pressure.read([null, 'mmHg'], context)).toBeUndefined()
})

test.each([
  [120, 'mmHg'],
  ['120/', 'mmHg'],
  ['16/10', 'kPa'],
])('a blood pressure of %p %p is a problem of the row', (value, unit) => {
  expect(() => pressure.read([value, unit], context)).toThrow(UnreadableError)
})

test('both pressures are written together', () => {
  const [systolic, diastolic] = [
    { value: 130, ...mmHg },
    { value: 85, ...mmHg },
  ]
  expect(pressure.write([systolic, diastolic], ['120/80', 'mm Hg'], context)).toEqual(['130/85', 'mm Hg'])
  expect(pressure.write([systolic, diastolic], [null, null], context)).toEqual(['130/85', 'mmHg'])
  expect(pressure.write([undefined, undefined], ['120/80', 'mmHg'], context)).toEqual([null, null])
  expect(() => pressure.write([systolic, undefined], ['120/80', 'mmHg'], context)).toThrow(NotStorableError)
  const kilopascal = { value: 16, system: UCUM, code: 'kPa' }
  expect(() => pressure.write([kilopascal, kilopascal], ['120/80', 'mmHg'], context)).toThrow(NotStorableError)
})

test('a medication has an ingredient only when its strength is parsed', () => {
  const ingredient = make('ingredient')
  expect(ingredient.read(['Ibuprofen', '200 mg'], context)).toMatchObject([
    { itemCodeableConcept: { text: 'Ibuprofen' }, strength: { numerator: { value: 200, code: 'mg' } } },
  ])
  for (const stored of [
    ['Saline', '10ml'],
    ['Saline', null],
    [null, '200 mg'],
  ]) {
    expect(ingredient.read(stored, context)).toBeUndefined()
  }
})

const lab = make('lab-text')

test('a laboratory result held as JSON is read by its value and unit, and written back as JSON', () => {
  const stored = { value: '<0.5', unit: 'ug/L', method: 'CLIA' }
  const quantity = { value: 0.5, comparator: '<', unit: 'ug/L', system: UCUM, code: 'ug/L' }
  expect(lab.read(stored, context)).toEqual([quantity, undefined, undefined])
  expect(lab.read(JSON.stringify(stored), context)).toEqual([quantity, undefined, undefined])
  const other = [{ ...quantity, comparator: undefined, value: 0.7 }, undefined, undefined]
  expect(lab.write(other, stored, context)).toEqual({ ...stored, value: '0.7' })
  expect(lab.write(other, JSON.stringify(stored), context)).toBe(JSON.stringify({ ...stored, value: '0.7' }))
  expect(lab.write([{ value: 3 }], { value: 2 }, context)).toEqual({ value: 3 })
})

test('any other JSON is the text it is', () => {
  expect(lab.read({ tsh: 2 }, context)).toEqual([undefined, '{"tsh":2}', undefined])
  expect(lab.read('{"tsh":', context)).toEqual([undefined, '{"tsh":', undefined])
})
