import { expect, test } from '@jest/globals'
import { NotStorableError, UnreadableError } from '../../../src/mapping/errors.ts'
import { contextIn, keepsReading, make, tableOf } from './laws.ts'

const context = contextIn()

const questions = make('questions', { table: tableOf({ radio: 'choice', text: 'text' }, { otherwise: 'string' }) })

test('questions become items, a radio with its options a choice', () => {
  const stored = [
    { id: 'q1', text: 'How are you?', type: 'Radio', required: true, options: [{ value: 1, label: 'Well' }, 'ill'] },
    { id: 'q2', text: 'Anything else?', type: 'text', options: ['left out: a text takes none'] },
    { id: 'q3', text: 'Rate us' },
  ]
  const items = [
    {
      linkId: 'q1',
      text: 'How are you?',
      type: 'choice',
      required: true,
      answerOption: [{ valueCoding: { code: '1', display: 'Well' } }, { valueCoding: { code: 'ill' } }],
    },
    { linkId: 'q2', text: 'Anything else?', type: 'text' },
    { linkId: 'q3', text: 'Rate us', type: 'string' },
  ]
  expect(questions.read(stored, context)).toEqual(items)
  expect(questions.read(JSON.stringify(stored), context)).toEqual(items)
})

test('linkIds are unique (que-2), and there where a question has no id', () => {
  const stored = [
    'First',
    { id: 'q', text: 'A' },
    { id: 'q', text: 'B' },
    { id: 'q-3', text: 'C' },
    { id: 'q', text: 'D' },
  ]
  const items = questions.read(stored, context) as readonly { linkId: string }[]
  expect(items.map(({ linkId }) => linkId)).toEqual(['1', 'q', 'q-3', 'q-3-4', 'q-5'])
})

test('a question with options and no type is a choice; null, {} and other rubbish are none', () => {
  const stored = [null, {}, { id: { no: 'text' } }, { id: 'q', options: [{ value: 'a  b' }, {}, null, { label: 'C' }] }]
  expect(questions.read(stored, context)).toEqual([
    {
      linkId: 'q',
      type: 'choice',
      answerOption: [{ valueCoding: { code: 'a b' } }, { valueCoding: { display: 'C' } }],
    },
  ])
})

test('no questions are no items; what is no list, or no JSON, is counted', () => {
  const own = contextIn()
  expect(questions.read([], own)).toBeUndefined()
  expect(questions.read('[]', own)).toBeUndefined()
  expect(own.warnings).toEqual([])
  expect(questions.read({ q1: 'How?' }, own)).toBeUndefined()
  expect(questions.read('[{', own)).toBeUndefined()
  expect(own.warnings).toHaveLength(2)
})

test('questions need a table with an else', () => {
  expect(() => make('questions', { table: tableOf({ text: 'text' }) })).toThrow('needs an "else"')
})

const text = make('inline-text')

test.each(['I take part.', ' ø\n د. سارة ', 'line\r\nline'])(
  'the text %j goes out as base64 and comes back whole',
  (stored) => {
    const data = Buffer.from(stored).toString('base64')
    expect(text.read(stored, context)).toBe(data)
    expect(text.write(data, null, context)).toBe(stored)
    expect(keepsReading(text, stored)).toBe(stored)
  },
)

test('blank text is no attachment; what is no base64 of UTF-8 text is refused', () => {
  expect(text.read(' \n', context)).toBeUndefined()
  expect(text.write(undefined, 'old', context)).toBeNull()
  expect(() => text.write('not base64!', 'old', context)).toThrow(NotStorableError)
  expect(() => text.write(Buffer.from([0xff, 0xfe]).toString('base64'), 'old', context)).toThrow(NotStorableError)
})

const form = make('uri', { start: 'https://interop.example.org/consent-form/' })

test('a key is the end of a URI, in the kind it had', () => {
  expect(form.read(6601, context)).toBe('https://interop.example.org/consent-form/6601')
  expect(form.read(' a b ', context)).toBe('https://interop.example.org/consent-form/a%20b')
  expect(form.write('https://interop.example.org/consent-form/6602', 6601, context)).toBe(6602)
  expect(form.write('https://interop.example.org/consent-form/a%20b', null, context)).toBe('a b')
})

test.each([
  'https://interop.example.org/consent-form/',
  'https://elsewhere.example.org/consent-form/1',
  'https://interop.example.org/consent-form/%E0',
])('the URI %s is refused', (sent) => {
  expect(() => form.write(sent, null, context)).toThrow(NotStorableError)
})

test('a URI needs its start', () => {
  expect(() => make('uri')).toThrow('needs a "start"')
})

const consent = make('flags', { codes: ['rejected', 'active', 'inactive'] })

test.each([
  [[true, false], 'active'],
  [[1, null], 'active'],
  [['1', '0'], 'active'],
  [[true, true], 'inactive'],
  [[false, true], 'inactive'],
  [[false, false], 'rejected'],
  [[0, null], 'rejected'],
  [[null, 0], 'rejected'],
])('given and revoked %j is %s', (stored, code) => {
  expect(consent.read(stored, context)).toBe(code)
})

test('a code sets the flags up to its own, in the kind they had', () => {
  expect(consent.write('inactive', [1, 0], context)).toEqual([1, 1])
  expect(consent.write('inactive', [null, null], context)).toEqual([true, true])
  expect(consent.write('active', ['0', '1'], context)).toEqual(['1', '0'])
  expect(consent.write('rejected', [true, null], context)).toEqual([false, false])
  expect(consent.write(undefined, [true, false], context)).toEqual([null, null])
})

test('a code no flag says is refused with what may be said, a flag that is no boolean cannot be read', () => {
  expect(() => consent.write('draft', [true, false], context)).toThrow('allowed: rejected, active, inactive')
  expect(() => consent.read(['maybe', false], context)).toThrow(UnreadableError)
  expect(() => make('flags')).toThrow('needs "codes"')
})
