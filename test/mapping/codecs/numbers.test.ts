import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { Decimal128, Long } from 'mongodb'
import { rawJSON } from '../../../src/mapping/exact.ts'
import { NotStorableError, UnreadableError } from '../../../src/mapping/errors.ts'
import { fhirNumeral, numeralOf, sameNumber } from '../../../src/mapping/codecs/numeral.ts'
import { contextIn, keepsReading, make } from './laws.ts'

const context = contextIn()
const decimal = make('decimal')
const decimalText = fc
  .tuple(fc.boolean(), fc.bigInt({ min: 0n, max: 10n ** 20n }), fc.stringMatching(/^\d{0,8}$/))
  .map(([negative, whole, fraction]) => numeralOf(`${negative ? '-' : ''}${whole}${fraction && '.'}${fraction}`) ?? '')

test.each([
  [37.1, '37.1'],
  ['37.10', '37.10'],
  [Decimal128.fromString('37.10'), '37.10'],
  [Decimal128.fromString('1E+3'), '1000'],
  [Decimal128.fromString('1.0E-7'), '0.00000010'],
  ['9007199254740993', '9007199254740993'],
  [Long.fromString('9007199254740993'), '9007199254740993'],
  [' +007.50 ', '7.50'],
  [-0, '0'],
  ['-0.00', '0.00'],
  [0, '0'],
  ['.5', '0.5'],
])('%p reads as the decimal %s, its digits kept', (stored, digits) => {
  expect(JSON.stringify(decimal.read(stored, context))).toBe(digits)
})

test.each([[NaN], [Infinity], ['1e999'], ['12,5'], ['abc'], [{}], [true], [Decimal128.fromString('NaN')]])(
  '%p is no number and cannot be read',
  (stored) => {
    expect(() => decimal.read(stored, context)).toThrow(UnreadableError)
  },
)

test('a number is a JSON number as long as no digit is lost', () => {
  expect(decimal.read('37.1', context)).toBe(37.1)
  expect(decimal.read('37.10', context)).toEqual(rawJSON('37.10'))
})

test('what is read from any numeric text goes back to the same digits', () => {
  fc.assert(
    fc.property(decimalText, (text) => {
      expect(keepsReading(decimal, text)).toBe(text)
      expect(decimal.write(decimal.read(text, context), '1', context)).toBe(text)
    }),
  )
})

test('what is read from any Decimal128 goes back to the same Decimal128, and a new one keeps its digits', () => {
  fc.assert(
    fc.property(decimalText, (text) => {
      const stored = Decimal128.fromString(text)
      expect(keepsReading(decimal, stored)).toBe(stored)
      const written = decimal.write(rawJSON(text), Decimal128.fromString('1'), context) as Decimal128
      expect(written).toBeInstanceOf(Decimal128)
      expect(sameNumber(numeralOf(String(written)) ?? '', text)).toBe(true)
    }),
  )
})

test('any JavaScript number stays itself', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (stored) => {
      expect(keepsReading(decimal, stored)).toBe(stored)
    }),
  )
})

test('a number keeps the kind the column had', () => {
  expect(decimal.write(37.2, '37.10', context)).toBe('37.2')
  expect(decimal.write(37.2, 37.1, context)).toBe(37.2)
  expect(decimal.write(37.2, null, context)).toBe(37.2)
  expect(decimal.write(37.2, Decimal128.fromString('1'), context)).toEqual(Decimal128.fromString('37.2'))
  expect(decimal.write(undefined, 37.2, context)).toBeNull()
})

test('digits a column cannot hold are refused; zeros at the end may go', () => {
  expect(() => decimal.write(rawJSON('1.00000000000000000001'), 1, context)).toThrow(NotStorableError)
  expect(() => decimal.write(rawJSON('1'.repeat(40)), Decimal128.fromString('1'), context)).toThrow(NotStorableError)
  expect(decimal.write(rawJSON('1.50'), 1, context)).toBe(1.5)
  expect(() => decimal.write('12', 1, context)).toThrow(NotStorableError)
})

test('numbers are the same whatever their zeros', () => {
  expect(sameNumber('1.50', '1.5')).toBe(true)
  expect(sameNumber('0.0', '0')).toBe(true)
  expect(sameNumber('100', '1e2')).toBe(true)
  expect(sameNumber('10', '1')).toBe(false)
  expect(sameNumber('-1', '1')).toBe(false)
  expect(fhirNumeral(1e21)).toBe('1000000000000000000000')
})

test('an integer is read from number, text and Decimal128, and keeps its kind', () => {
  const integer = make('integer')
  for (const stored of [5, '5', Decimal128.fromString('5.00')]) {
    expect(integer.read(stored, context)).toBe(5)
    expect(keepsReading(integer, stored)).toBe(stored)
  }
  expect(integer.write(6, '5', context)).toBe('6')
  expect(integer.write(6, Decimal128.fromString('5.00'), context)).toEqual(Decimal128.fromString('6'))
  expect(() => integer.read('5.5', context)).toThrow(UnreadableError)
  expect(() => integer.read(2 ** 31, context)).toThrow(UnreadableError)
  expect(() => integer.write(5.5, 5, context)).toThrow(NotStorableError)
})

test('a positive integer reads zero and below as nothing, and does not store them', () => {
  const positive = make('positive-integer')
  expect(positive.read(0, context)).toBeUndefined()
  expect(positive.read('-3', context)).toBeUndefined()
  expect(positive.read('3', context)).toBe(3)
  expect(() => positive.write(0, 3, context)).toThrow(NotStorableError)
})

test('a quantity has the unit of its column, 0 included, and refuses another', () => {
  const weight = make('quantity', { unit: 'kg', code: 'kg' })
  const ucum = { unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' }
  expect(weight.read(0, context)).toEqual({ value: 0, ...ucum })
  expect(keepsReading(weight, '58.40')).toBe('58.40')
  expect(weight.write({ value: 60, unit: 'kilogram', system: ucum.system, code: 'kg' }, 58, context)).toBe(60)
  expect(weight.write({ value: 60, unit: 'kg' }, 58, context)).toBe(60)
  expect(() => weight.write({ value: 60000, ...ucum, code: 'g' }, 58, context)).toThrow(/in kg only/)
  expect(() => weight.write({ value: 60, comparator: '<', ...ucum }, 58, context)).toThrow(/comparator/)
  expect(() => make('quantity', { code: 'units' })).toThrow(/not a UCUM unit/)
})

test('a rule may say that zero is no value', () => {
  const weight = make('quantity', { unit: 'kg', code: 'kg', 'skip-zero': true })
  expect(weight.read(Decimal128.fromString('0.00'), context)).toBeUndefined()
  expect(weight.read('0', context)).toBeUndefined()
  expect(weight.read('0.1', context)).toMatchObject({ value: 0.1 })
})

test('money has a currency only when the rule names one', () => {
  const money = make('money')
  expect(JSON.stringify(money.read(Decimal128.fromString('120.00'), context))).toBe('{"value":120.00}')
  expect(() => money.write({ value: 1, currency: 'EUR' }, 1, context)).toThrow(/currency/)
  const euros = make('money', { currency: 'EUR' })
  expect(euros.read(80, context)).toEqual({ value: 80, currency: 'EUR' })
  expect(euros.write({ value: 81, currency: 'EUR' }, 80, context)).toBe(81)
})

test('a quantity takes what its column takes, and reads what is there', () => {
  const age = make('quantity', { unit: 'a', code: 'a', whole: true, min: 0, max: 150 })
  const years = (value: unknown) => ({ value, unit: 'a', system: 'http://unitsofmeasure.org', code: 'a' })
  expect(age.write(years(0), 45, context)).toBe(0)
  expect(age.write(years(150), null, context)).toBe(150)
  for (const value of [151, -1, 31.5]) expect(() => age.write(years(value), 45, context)).toThrow(NotStorableError)
  expect(age.read(200, context)).toEqual(years(200))
})
