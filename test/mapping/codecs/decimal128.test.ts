/** The short way to read a Decimal128 says what the driver says. */
import { expect, test } from '@jest/globals'
import { Decimal128 } from 'bson'
import fc from 'fast-check'
import { shortDecimal } from '../../../src/mapping/codecs/decimal128.ts'
import { numeralOf } from '../../../src/mapping/codecs/numeral.ts'

test.each([
  ['15', '15'],
  ['37.10', '37.10'],
  ['-0.005', '-0.005'],
  ['-0', '0'],
  ['0.00', '0.00'],
  ['281474976710655', '281474976710655'],
])('%s reads as %s', (text, numeral) => {
  expect(shortDecimal(Decimal128.fromString(text).bytes)).toBe(numeral)
})

test.each(['1E+3', 'NaN', 'Infinity', '-Infinity', '281474976710656', '1E-50', '1234567890123456789012345678901234'])(
  '%s is left to the driver',
  (text) => {
    expect(shortDecimal(Decimal128.fromString(text).bytes)).toBeUndefined()
  },
)

test('any bytes that are read say the numeral the driver says', () => {
  const small = fc.tuple(fc.integer({ min: -1e12, max: 1e12 }), fc.integer({ min: -20, max: 20 }))
  fc.assert(
    fc.property(small, ([coefficient, exponent]) => {
      const decimal = Decimal128.fromString(`${coefficient}E${exponent}`)
      const short = shortDecimal(decimal.bytes)
      if (exponent <= 0) expect(short).toBeDefined()
      if (short !== undefined) expect(short).toBe(numeralOf(decimal.toString()))
    }),
  )
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
      const short = shortDecimal(bytes)
      if (short !== undefined) expect(short).toBe(numeralOf(new Decimal128(bytes).toString()))
    }),
  )
})
