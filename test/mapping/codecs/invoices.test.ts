/** Codecs the invoices asked for: factors, differences, lines, payments. */
import { expect, test } from '@jest/globals'
import { Decimal128 } from 'bson'
import fc from 'fast-check'
import { UnreadableError } from '../../../src/mapping/errors.ts'
import { contextIn, keepsReading, make } from './laws.ts'

const context = contextIn()
const text = (value: unknown): string => JSON.stringify(value)
const decimals = fc
  .tuple(fc.integer({ min: -99999, max: 99999 }), fc.integer({ min: 0, max: 4 }))
  .map(([units, scale]) => ({ units: BigInt(units), scale, stored: (units / 10 ** scale).toFixed(scale) }))

test('a percentage is the factor with the point moved, and nothing is divided', () => {
  const codec = make('percent')
  expect(text(codec.read('17.50', context))).toBe('0.1750')
  expect(text(codec.read(7, context))).toBe('0.07')
  expect(text(codec.read(Decimal128.fromString('0'), context))).toBe('0.00')
  expect(codec.write(0.2, '5', context)).toBe('20')
  expect(codec.write(undefined, '5', context)).toBeNull()
  expect(() => codec.read('a fifth', context)).toThrow(UnreadableError)
})

test('every percentage goes back as it was', () => {
  const codec = make('percent')
  fc.assert(fc.property(decimals, ({ stored }) => void keepsReading(codec, stored)))
})

test('a difference is exact to the last digit', () => {
  const codec = make('difference')
  expect(text(codec.read(['0.30', '0.10'], context))).toBe('{"value":0.20}')
  expect(text(codec.read([0.3, 0.1], context))).toBe('{"value":0.2}')
  expect(text(codec.read([Decimal128.fromString('120.00'), null], context))).toBe('{"value":120.00}')
  expect(text(codec.read(['5', '7.25'], context))).toBe('{"value":-2.25}')
  expect(codec.read([null, 3], context)).toBeUndefined()
})

test('a difference is what whole numbers of the smallest unit say', () => {
  const codec = make('difference')
  fc.assert(
    fc.property(decimals, decimals, (a, b) => {
      const scale = Math.max(a.scale, b.scale)
      const units = a.units * 10n ** BigInt(scale - a.scale) - b.units * 10n ** BigInt(scale - b.scale)
      const { value } = JSON.parse(text(codec.read([a.stored, b.stored], context))) as { value: number }
      expect(value).toBeCloseTo(Number(units) / 10 ** scale, 6)
    }),
  )
})

const lines = make('invoice-lines', { 'unit-price': 'https://interop.example.org/price' })

test('a line has its amount as base price, its quantity as factor, the price of one beside it', () => {
  expect(lines.read([{ description: 'Saline', quantity: '3', unitPrice: 0.1, amount: 0.3 }], context)).toEqual([
    {
      extension: [{ url: 'https://interop.example.org/price', valueMoney: { value: 0.1 } }],
      chargeItemCodeableConcept: { text: 'Saline' },
      priceComponent: [{ type: 'base', factor: 3, amount: { value: 0.3 } }],
    },
  ])
})

test('a line that is a text is its description; a line nobody described says so; a bad number is left out', () => {
  const counting = contextIn()
  const unknown = { url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' }
  expect(lines.read('["ECG", "", null, {"amount": "many"}]', counting)).toEqual([
    { chargeItemCodeableConcept: { text: 'ECG' } },
    { chargeItemCodeableConcept: { extension: [unknown] } },
  ])
  expect(counting.warnings).toHaveLength(1)
  expect(lines.read([], context)).toBeUndefined()
  expect(lines.read('[{"desc', contextIn())).toBeUndefined()
})

test('a record is an extension with the members that can be read', () => {
  const codec = make('records', { url: 'u', members: { amount: 'money', method: 'text', date: 'date' } })
  const counting = contextIn()
  const stored = [{ amount: '41.20', method: 'card', date: '2025-08-15', by: 'x' }, { amount: 'a lot' }, 'cash', null]
  expect(text(codec.read(stored, counting))).toBe(
    '[{"url":"u","extension":[{"url":"amount","valueMoney":{"value":41.20}},' +
      '{"url":"method","valueString":"card"},{"url":"date","valueDate":"2025-08-15"}]}]',
  )
  expect(counting.warnings).toHaveLength(1)
  expect(codec.read('null', context)).toBeUndefined()
})
