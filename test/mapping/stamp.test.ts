import { expect, test } from '@jest/globals'
import { stamp } from '../../src/mapping/stamp.ts'

const now = new Date('2025-08-02T07:00:00.123Z')
const EMPTY = [undefined, null, ''] as const

test.each([
  ['sql', '2025-08-02 07:00:00'],
  ['iso', '2025-08-02T07:00:00.000Z'],
  ['date', new Date('2025-08-02T07:00:00Z')],
] as const)('an empty column of a system of kind %s', (timestamps, stored) => {
  for (const before of EMPTY) expect(stamp(now, before, { timestamps }, 'UTC')).toEqual(stored)
})

test.each([
  ['2024-01-01 10:00:00', '2025-08-02 07:00:00'],
  ['2024-01-01T10:00:00Z', '2025-08-02T07:00:00Z'],
  ['2024-01-01T10:00:00.000Z', '2025-08-02T07:00:00.000Z'],
  [new Date('2024-01-01'), new Date('2025-08-02T07:00:00Z')],
])('a column that holds %j keeps its form, whatever its system', (before, stored) => {
  for (const timestamps of ['sql', 'iso', 'date'] as const) {
    expect(stamp(now, before, { timestamps }, 'UTC')).toEqual(stored)
  }
})

test('wall time is that of the system', () => {
  expect(stamp(now, '2024-01-01 10:00:00', { timestamps: 'sql' }, 'Asia/Kolkata')).toBe('2025-08-02 12:30:00')
  expect(stamp(now, undefined, { timestamps: 'sql' }, 'America/New_York')).toBe('2025-08-02 03:00:00')
  expect(stamp(now, undefined, { timestamps: 'iso' }, 'Asia/Kolkata')).toBe('2025-08-02T07:00:00.000Z')
})

test('in the hour that clocks show twice the present is stored all the same', () => {
  const second = new Date('2025-11-02T06:30:00Z')
  expect(stamp(second, undefined, { timestamps: 'sql' }, 'America/New_York')).toBe('2025-11-02 01:30:00')
})
