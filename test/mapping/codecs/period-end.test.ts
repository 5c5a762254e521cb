import { expect, test } from '@jest/globals'
import { contextIn, keepsReading, make } from './laws.ts'

const end = make('period-end')
const days = make('period-end', { of: make('date') })

test('an end is read as it is stored', () => {
  expect(end.read(['2025-01-02 10:00:00', '2025-01-02 09:00:00'], contextIn())).toBe('2025-01-02T10:00:00Z')
  expect(end.read(['2025-01-02 10:00:00', null], contextIn())).toBe('2025-01-02T10:00:00Z')
  expect(end.read([null, '2025-01-02 10:00:00'], contextIn())).toBeUndefined()
  expect(days.read(['2025-01-02', '2025-01-02'], contextIn())).toBe('2025-01-02')
})

test('an end before the start is left out, and counted', () => {
  const context = contextIn()
  expect(end.read(['2025-01-02 08:59:59.5', '2025-01-02 08:59:59.75'], context)).toBeUndefined()
  expect(days.read(['2025-01-01', '2025-01-02'], context)).toBeUndefined()
  expect(context.warnings).toHaveLength(2)
})

test('what was read is written back as it was', () => {
  const stored = ['2025-01-02 10:00:00', '2025-01-02 09:00:00']
  expect(keepsReading(end, stored)).toEqual(stored)
})

test('the start stays as it is, and no end before it is taken', () => {
  const start = '2025-01-02 09:00:00'
  expect(end.write('2025-01-03T00:00:00Z', ['2025-01-02 10:00:00', start], contextIn())).toEqual([
    '2025-01-03 00:00:00',
    start,
  ])
  expect(end.write(undefined, ['2025-01-02 10:00:00', start], contextIn())).toEqual([null, start])
  expect(() => end.write('2025-01-01T00:00:00Z', [null, start], contextIn())).toThrow('before the start')
})
