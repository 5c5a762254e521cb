import { expect, test } from '@jest/globals'
import { lasting } from '../../src/kernel/lasting.ts'

test('lasts while both clocks say so', () => {
  let [steady, wall] = [1_000, 5_000]
  const isOurs = lasting(100, [() => steady, () => wall])
  const at = (...times: [number, number]): boolean => {
    ;[steady, wall] = times
    return isOurs()
  }
  expect(at(1_000, 5_000)).toBe(true)
  expect(at(1_099, 5_099)).toBe(true)
  // The machine slept
  expect(at(1_001, 5_100)).toBe(false)
  // Somebody set the clock back
  expect(at(1_100, 4_000)).toBe(false)
})

test('lasts by the clocks of the machine', () => {
  expect(lasting(60_000)()).toBe(true)
  expect(lasting(0)()).toBe(false)
})
