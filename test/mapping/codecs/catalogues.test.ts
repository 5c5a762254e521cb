import { expect, test } from '@jest/globals'
import { NotStorableError } from '../../../src/mapping/errors.ts'
import { contextIn, make, tableOf } from './laws.ts'

const context = contextIn()
const status = tableOf(
  { pending: 'active', accepted: '~active', completed: 'completed', cancelled: 'revoked' },
  { otherwise: 'unknown' },
)
const rows = [
  [21, 22, 23],
  ['Pending', 'accepted', 'completed'],
]

test('the status of a referral is the code of the row its key names', () => {
  const code = make('row-code', { table: status })
  expect(code.read([22, ...rows], context)).toBe('active')
  expect(code.read(['23', ...rows], context)).toBe('completed')
})

test('a key that names no row, or a row without a word, reads as else; no key as nothing', () => {
  const code = make('row-code', { table: status })
  expect(code.read([99, ...rows], context)).toBe('unknown')
  expect(code.read([1, [1], [null]], context)).toBe('unknown')
  expect(code.read([99, null, null], context)).toBe('unknown')
  expect(code.read([null, ...rows], context)).toBeUndefined()
})

test('without else a key that names no row is counted', () => {
  const own = contextIn()
  expect(make('row-code', { table: tableOf({ pending: 'active' }) }).read([99, ...rows], own)).toBeUndefined()
  expect(own.warnings).toEqual(['the row of this key has no word of the code table test-table'])
})

test('a status is written as the key of the row with its word; the key stays where its row already says so', () => {
  const code = make('row-code', { table: status })
  expect(code.write('completed', [22, ...rows], context)).toEqual([23, ...rows])
  expect(code.write('active', [22, ...rows], context)).toEqual([22, ...rows])
  expect(code.write('active', [23, ...rows], context)).toEqual([21, ...rows])
  expect(code.write('active', [null, ...rows], context)).toEqual([21, ...rows])
  expect(code.write(undefined, [22, ...rows], context)).toEqual([null, ...rows])
})

test('a status without a word, or whose word has no row, is refused', () => {
  const code = make('row-code', { table: status })
  expect(() => code.write('draft', [22, ...rows], context)).toThrow(NotStorableError)
  expect(() => code.write('revoked', [22, ...rows], context)).toThrow('has no row "cancelled"')
})

test('the rows of a catalogue are concepts, each code once', () => {
  const concepts = make('concepts', { members: ['code', 'display', 'definition', { designation: 'ar' }] })
  expect(
    concepts.read(
      [
        ['a', null, 'b', 'a'],
        ['Bones', 'Lost', ' Skin ', 'Twice'],
        ['About bones', null, '', null],
        ['عظام', null, null, null],
      ],
      context,
    ),
  ).toEqual([
    {
      code: 'a',
      display: 'Bones',
      definition: 'About bones',
      designation: [{ language: 'ar', value: 'عظام' }],
    },
    { code: 'b', display: 'Skin' },
  ])
})

test('a catalogue without codes has no concepts', () => {
  const concepts = make('concepts', { members: ['code', 'display'] })
  expect(concepts.read([[null], ['Bones']], context)).toBeUndefined()
  expect(concepts.read([null, null], context)).toBeUndefined()
})

test('concepts need to know which column is the code', () => {
  expect(() => make('concepts', { members: ['display'] })).toThrow('one of them "code"')
  expect(() => make('concepts')).toThrow('"members"')
})

const gender = make('agreed', { of: make('code', { table: tableOf({ male: 'male', female: 'female' }) }) })

test.each([
  [['male', 'Male '], 'male'],
  [['female', 'female', 'female'], 'female'],
  [['female'], undefined],
  [['female', 'female', 'male'], undefined],
  [['female', null], undefined],
  [['female', 'female', null], undefined],
  [[null, null], undefined],
])('the cases %p of one account agree on %p', (said, expected) => {
  expect(gender.read(said, context)).toBe(expected)
})
