/** When two values are the same: what decides whether a write touches a column. */
import { expect, test } from '@jest/globals'
import { sameValue } from '../../src/mapping/element-value.ts'
import { rawJSON } from '../../src/mapping/exact.ts'

test('dates are the same when they are the same moment', () => {
  expect(sameValue(new Date('2026-01-31'), new Date('2026-01-31'))).toBe(true)
  expect(sameValue(new Date('2026-01-31'), new Date('2026-02-01'))).toBe(false)
  expect(sameValue(new Date('2026-01-31'), {})).toBe(false)
})

test('numbers are the same when their digits are', () => {
  expect(sameValue(37.1, rawJSON('37.1'))).toBe(true)
  expect(sameValue(37.1, rawJSON('37.10'))).toBe(false)
})

test('objects are the same whatever the order of their members', () => {
  expect(sameValue({ a: 1, b: ['x'] }, { b: ['x'], a: 1 })).toBe(true)
  expect(sameValue({ a: 1 }, { a: 1, b: 2 })).toBe(false)
  expect(sameValue(['x', 'y'], ['y', 'x'])).toBe(false)
})
