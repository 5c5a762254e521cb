import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { Decimal128 } from 'mongodb'
import { rawJSON } from '../../../src/mapping/exact.ts'
import { NotStorableError } from '../../../src/mapping/errors.ts'
import { contextIn, keepsReading, make } from './laws.ts'

const context = contextIn()
const range = make('reference-range')
const value = make('lab-value')
const one = make('lab-text')
const mmol = { unit: 'mmol/L', system: 'http://unitsofmeasure.org', code: 'mmol/L' }
const unknown = {
  coding: [{ system: 'http://terminology.hl7.org/CodeSystem/data-absent-reason', code: 'unknown' }],
}

test.each([
  ['135-145', { low: { value: 135 }, high: { value: 145 } }],
  ['0.5 – 1.5', { low: { value: 0.5 }, high: { value: 1.5 } }],
  ['-2 to 2', { low: { value: -2 }, high: { value: 2 } }],
  ['< 0.04', { high: { value: 0.04 } }],
  ['<=5', { high: { value: 5 } }],
  ['> 15', { low: { value: 15 } }],
  ['145-135', {}],
  ['negative', {}],
  ['135-145 mmol/L', {}],
])('the reference range %s has its bounds, and its text', (text, bounds) => {
  expect(range.read(text, context)).toEqual({ ...bounds, text })
})

test('any reference range stays as it is', () => {
  const texts = fc.oneof(fc.string(), fc.stringMatching(/^[<>]?=? ?\d{1,3}(-\d{1,3})?$/))
  fc.assert(
    fc.property(texts, (text) => {
      if (text.trim() !== '') expect(keepsReading(range, text)).toBe(text)
    }),
  )
})

test('a reference range is stored from its text, or from bounds the text no longer says', () => {
  expect(range.write({ text: '3-5' }, '135-145', context)).toBe('3-5')
  expect(range.write({ low: { value: 3 }, high: { value: 5 } }, null, context)).toBe('3-5')
  expect(range.write({ high: { value: rawJSON('5.0') } }, null, context)).toBe('<= 5.0')
  expect(range.write({ low: { value: 130 }, high: { value: 145 }, text: '135-145' }, '135-145', context)).toBe(
    '130-145',
  )
  expect(() => range.write({ low: { value: 130 }, text: '1-2' }, '135-145', context)).toThrow(NotStorableError)
  expect(() => range.write({ low: { value: 130, unit: 'mmol/L' } }, null, context)).toThrow(NotStorableError)
})

test.each([
  ['139', 'mmol/L', [{ value: 139, ...mmol }, undefined, undefined]],
  [Decimal128.fromString('37.10'), null, [{ value: rawJSON('37.10') }, undefined, undefined]],
  [0.01, 'mIU/L', [{ value: 0.01, unit: 'mIU/L' }, undefined, undefined]],
  ['<0.5', 'mmol/L', [{ value: 0.5, comparator: '<', ...mmol }, undefined, undefined]],
  ['>= 3', null, [{ value: 3, comparator: '>=' }, undefined, undefined]],
  ['Not detected', 'mmol/L', [undefined, 'Not detected', undefined]],
  ['', 'mmol/L', [undefined, undefined, unknown]],
  [null, null, [undefined, undefined, unknown]],
  [0, null, [{ value: 0 }, undefined, undefined]],
])('the laboratory value %p with unit %p', (stored, unit, expected) => {
  expect(value.read([stored, unit], context)).toEqual(expected)
})

test('any laboratory value keeps its reading and its column', () => {
  const cell = fc.oneof(
    fc.string(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.stringMatching(/^[<>]=?\d{1,4}$/),
  )
  fc.assert(
    fc.property(cell, fc.constantFrom(null, 'mmol/L', 'units', '%'), (stored, unit) => {
      const [written] = keepsReading(value, [stored, unit]) as [unknown, unknown]
      if (typeof stored === 'number') expect(written).toBe(stored)
    }),
  )
})

test('a laboratory value is stored in the kind that was there', () => {
  const sent = [{ value: 140, ...mmol }, undefined, undefined]
  expect(value.write(sent, ['139', 'mmol/L'], context)).toEqual(['140', 'mmol/L'])
  expect(value.write(sent, [139, 'mmol/L'], context)).toEqual([140, 'mmol/L'])
  expect(value.write(sent, [null, null], context)).toEqual(['140', 'mmol/L'])
  expect(value.write([{ value: 1, comparator: '<', ...mmol }], ['> 3', 'mmol/L'], context)).toEqual(['< 1', 'mmol/L'])
  expect(value.write([{ value: 1, ...mmol, unit: 'millimole a litre' }], ['3', null], context)).toEqual(['1', 'mmol/L'])
  expect(value.write([undefined, 'Positive', undefined], ['3', '%'], context)).toEqual(['Positive', '%'])
  expect(value.write([undefined, undefined, unknown], ['3', '%'], context)).toEqual([null, '%'])
  expect(value.write([undefined, undefined, undefined], ['3', '%'], context)).toEqual([null, '%'])
})

test('a laboratory value the columns would read differently is refused', () => {
  expect(() => value.write([undefined, '139', undefined], ['3', '%'], context)).toThrow(NotStorableError)
  const masked = { coding: [{ system: unknown.coding[0]?.system, code: 'masked' }] }
  expect(() => value.write([undefined, undefined, masked], ['3', '%'], context)).toThrow(NotStorableError)
  const snomed = { value: 1, system: 'http://snomed.info/sct', code: '258796002' }
  expect(() => value.write([snomed, undefined, undefined], ['3', '%'], context)).toThrow(NotStorableError)
})

test('a result in one column is a number and a unit, JSON text of them, or text', () => {
  expect(one.read('2.1 mIU/L', context)).toEqual([{ value: 2.1, unit: 'mIU/L' }, undefined, undefined])
  expect(one.read('{"value":5,"unit":"mmol/L"}', context)).toEqual([{ value: 5, ...mmol }, undefined, undefined])
  expect(one.read('no growth', context)).toEqual([undefined, 'no growth', undefined])
  expect(one.read('2 of 3 positive', context)).toEqual([undefined, '2 of 3 positive', undefined])
  for (const stored of ['2.1 mIU/L', '<5 %', '7', 7, 'no growth', '{"value":5,"unit":"mmol/L"}', '{"growth":"none"}']) {
    expect(keepsReading(one, stored)).toBe(stored)
  }
  expect(one.write([{ value: 6, ...mmol }], '{"value":5,"unit":"mmol/L","by":"x"}', context)).toBe(
    '{"value":6,"unit":"mmol/L","by":"x"}',
  )
  expect(one.write([{ value: 6, ...mmol }], '5 mmol/L', context)).toBe('6 mmol/L')
})
