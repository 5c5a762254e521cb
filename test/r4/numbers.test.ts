import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { numberRange } from '../../src/r4/numbers.ts'

test.each([
  ['100', 100, 99.5, 100.5],
  ['100.00', 100, 99.995, 100.005],
  ['5.4', 5.4, 5.35, 5.45],
  ['-5.4', -5.4, -5.45, -5.35],
  ['0', 0, -0.5, 0.5],
  ['1e2', 100, 95, 105],
  ['1.0e2', 100, 95, 105],
  ['1.00E2', 100, 99.5, 100.5],
  ['5.40e-3', 0.0054, 0.005395, 0.005405],
])('%s is %d, from %d to before %d', (text, value, l, h) => {
  expect(numberRange(text)).toEqual({ value, l, h })
})

test.each(['', '-', '.5', '5.', '1e', '0x10', 'Infinity', 'NaN', '1e999', '1,5', ' 5', '9'.repeat(61)])(
  '%j is no number',
  (text) => {
    expect(numberRange(text)).toBeUndefined()
  },
)

test('a number is within its own range', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, min: -1e12, max: 1e12 }), (value) => {
      const range = numberRange(String(value))
      expect(range && range.l <= value && value <= range.h && range.l <= range.h).toBe(true)
    }),
  )
})
