/** Codecs that records, reports and logs asked for: a day or a moment, text in JSON, keys as identifiers. */
import { expect, test } from '@jest/globals'
import { NotStorableError } from '../../../src/mapping/errors.ts'
import { contextIn, make } from './laws.ts'

const context = contextIn('Asia/Kolkata')

test('a record is dated by its day, which no zone moves, or by the moment of its row', () => {
  const codec = make('day-or-moment')
  expect(codec.read(['2025-08-15', '2025-08-16 09:00:00'], context)).toBe('2025-08-15')
  expect(codec.read([null, '2025-08-16 04:00:00'], context)).toBe('2025-08-15T22:30:00Z')
  expect(codec.write('2025-08-17', ['2025-08-15', '2025-08-16 09:00:00'], context)).toEqual([
    '2025-08-17',
    '2025-08-16 09:00:00',
  ])
  expect(codec.write(undefined, ['2025-08-15', 'x'], context)).toEqual([null, 'x'])
  expect(() => codec.write('2025-08-17T10:00:00Z', [null, null], context)).toThrow(NotStorableError)
})

const conclusion = make('text-in-json', { member: 'conclusion' })

test('a report is the text of its member, or the text itself', () => {
  expect(conclusion.read(['Rest', '{"conclusion":"Rest"}'], context)).toBe('Rest')
  expect(conclusion.read([null, ' Rest '], context)).toBe('Rest')
  expect(conclusion.read([null, '{"url":"x"}'], context)).toBeUndefined()
  expect(conclusion.read([null, '[1'], context)).toBeUndefined()
})

test('written, plain text stays plain, an object keeps its members, and an empty column becomes JSON text', () => {
  expect(conclusion.write('Walk', [null, 'Rest'], context)).toEqual([null, 'Walk'])
  expect(conclusion.write('Walk', ['Rest', '{"conclusion":"Rest"}'], context)).toEqual([
    'Walk',
    '{"conclusion":"Rest"}',
  ])
  expect(conclusion.write('Walk', [null, null], context)).toEqual([null, '{"conclusion":"Walk"}'])
  expect(conclusion.write('Walk', [null, ' null '], context)).toEqual([null, '{"conclusion":"Walk"}'])
  expect(conclusion.write(undefined, ['Rest', { conclusion: 'Rest' }], context)).toEqual([null, { conclusion: 'Rest' }])
  expect(() => conclusion.write('Walk', [null, '["x"]'], context)).toThrow(NotStorableError)
  expect(() => conclusion.write('Walk', [null, '{"x'], context)).toThrow(NotStorableError)
})

test('a key is an identifier of its collection, and nothing else of a reference can be held', () => {
  const codec = make('identifier-only', { system: 'https://interop.example.org/sid/hms/users' })
  const reference = { identifier: { system: 'https://interop.example.org/sid/hms/users', value: '7' } }
  expect(codec.read(7, context)).toEqual(reference)
  expect(codec.write(reference, 'u-1', context)).toBe('7')
  expect(() => codec.write({ ...reference, display: 'Cat' }, '7', context)).toThrow(NotStorableError)
  expect(make('identifier-only').read('x', context)).toEqual({ identifier: { value: 'x' } })
})
