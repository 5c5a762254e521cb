import { expect, test } from '@jest/globals'
import { Decimal128 } from 'bson'
import fc from 'fast-check'
import { NotStorableError } from '../../../src/mapping/errors.ts'
import { contextIn, keepsReading, make, tableOf } from './laws.ts'

const context = contextIn()
const answers = make('answers')

test('every kind of answer is the value of its kind, in the order of the questions', () => {
  const stored = {
    q1: ' Neck pain ',
    q2: 3,
    q3: 0,
    q4: 37.5,
    q5: true,
    q6: ['left', 'right'],
    q7: Decimal128.fromString('5.0'),
    q8: { side: 'left' },
    q9: new Date('2025-10-05T00:00:00Z'),
  }
  expect(JSON.parse(JSON.stringify(answers.read(stored, context)))).toEqual([
    { linkId: 'q1', answer: [{ valueString: 'Neck pain' }] },
    { linkId: 'q2', answer: [{ valueInteger: 3 }] },
    { linkId: 'q3', answer: [{ valueInteger: 0 }] },
    { linkId: 'q4', answer: [{ valueDecimal: 37.5 }] },
    { linkId: 'q5', answer: [{ valueBoolean: true }] },
    { linkId: 'q6', answer: [{ valueString: 'left' }, { valueString: 'right' }] },
    { linkId: 'q7', answer: [{ valueDecimal: 5 }] },
    { linkId: 'q8', answer: [{ valueString: '{"side":"left"}' }] },
    { linkId: 'q9', answer: [{ valueString: '2025-10-05T00:00:00.000Z' }] },
  ])
})

test('JSON text is read as the object, and stays text', () => {
  const stored = '{"q1":"Hip stiffness"}'
  expect(answers.read(stored, context)).toEqual([{ linkId: 'q1', answer: [{ valueString: 'Hip stiffness' }] }])
  const sent = [{ linkId: 'q1', answer: [{ valueString: 'Hip pain' }] }]
  expect(answers.write(sent, stored, context)).toBe('{"q1":"Hip pain"}')
})

test('a question that was not answered is an item without answer; no questions are no items', () => {
  expect(answers.read({ q1: null, q2: '', q3: [], q4: {} }, context)).toEqual([
    { linkId: 'q1' },
    { linkId: 'q2' },
    { linkId: 'q3' },
    { linkId: 'q4' },
  ])
  expect(answers.read({}, context)).toBeUndefined()
  expect(answers.read('{}', context)).toBeUndefined()
})

test('what is no object is counted, and nothing', () => {
  const own = contextIn()
  expect(answers.read(['a'], own)).toBeUndefined()
  expect(answers.read('no JSON', own)).toBeUndefined()
  expect(own.warnings).toHaveLength(2)
})

test('a write changes the answers that changed, and no other', () => {
  const stored = { q1: ' Neck pain ', q2: Decimal128.fromString('3'), q3: ['left', 'right'], q4: '' }
  const sent = [
    { linkId: 'q1', answer: [{ valueString: 'Neck pain' }] },
    { linkId: 'q2', answer: [{ valueInteger: 3 }] },
    { linkId: 'q3', answer: [{ valueString: 'right' }] },
    { linkId: 'q4' },
    { linkId: 'q5', text: 'Since when?', answer: [{ valueString: 'May' }] },
  ]
  expect(answers.write(sent, stored, context)).toEqual({ ...stored, q3: ['right'], q5: 'May' })
})

test('a question that is gone loses its answer, one whose answer is gone stays unanswered', () => {
  expect(answers.write([{ linkId: 'q2' }], { q1: 'a', q2: 'b' }, context)).toEqual({ q2: null })
  expect(answers.write(undefined, { q1: 'a' }, context)).toBeNull()
})

test.each([
  ['a date', [{ linkId: 'q', answer: [{ valueDate: '2025-05-01' }] }]],
  ['a code', [{ linkId: 'q', answer: [{ valueCoding: { code: 'x' } }] }]],
  ['a decimal that would read as an integer', [{ linkId: 'q', answer: [{ valueDecimal: 5 }] }]],
  ['a question within a question', [{ linkId: 'q', item: [{ linkId: 'r' }] }]],
  ['one question twice', [{ linkId: 'q' }, { linkId: 'q' }]],
])('%s is refused', (_what, sent) => {
  expect(() => answers.write(sent, null, context)).toThrow(NotStorableError)
})

test('bad JSON of the source is never overwritten', () => {
  expect(() => answers.write([{ linkId: 'q', answer: [{ valueString: 'a' }] }], '{"q":', context)).toThrow(
    NotStorableError,
  )
})

test('any answers go out and come back', () => {
  const value = fc.oneof(fc.string(), fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean())
  const answer = fc.oneof(value, fc.constant(null), fc.array(value, { maxLength: 3 }))
  fc.assert(
    fc.property(fc.dictionary(fc.string(), answer), (stored) => {
      keepsReading(answers, stored)
      keepsReading(answers, JSON.stringify(stored))
    }),
  )
})

const questions = [
  {
    id: 'ndi_1',
    text: 'Pain intensity',
    type: 'radio',
    options: [
      { value: 0, label: 'None' },
      { value: 1, label: 'Mild' },
    ],
  },
  { id: 'ndi_2', text: 'Anything else?', type: 'text' },
]
const table = tableOf({ radio: 'choice', text: 'text' }, { otherwise: 'string' })
const answersTo = make('answers-to', { table })
/** `[answers, form's key, keys, questions]` */
const columns = (stored: unknown, key: unknown = 't-1'): unknown[] => [stored, key, ['t-0', 't-1'], [null, questions]]

test('an answer that is an option of the form is a Coding, and a text question is answered by text', () => {
  expect(answersTo.read(columns({ ndi_1: 1, ndi_2: 7, other: 7 }), context)).toEqual([
    { linkId: 'ndi_1', text: 'Pain intensity', answer: [{ valueCoding: { code: '1', display: 'Mild' } }] },
    { linkId: 'ndi_2', text: 'Anything else?', answer: [{ valueString: '7' }] },
    { linkId: 'other', answer: [{ valueInteger: 7 }] },
  ])
})

test('a Coding is stored as the value of its option, whatever it is displayed as', () => {
  const sent = [
    { linkId: 'ndi_1', answer: [{ valueCoding: { code: '0', display: 'none at all' } }] },
    { linkId: 'ndi_2', answer: [{ valueString: '8' }] },
  ]
  const written = answersTo.write(sent, columns({ ndi_1: 1, ndi_2: 7 }), context)
  expect(written).toEqual(columns({ ndi_1: 0, ndi_2: 8 }))
  expect(answersTo.write(undefined, columns({ ndi_1: 1 }), context)).toEqual(columns(null))
})

test('a code that is no option is refused', () => {
  const sent = [{ linkId: 'ndi_1', answer: [{ valueCoding: { code: '9' } }] }]
  expect(() => answersTo.write(sent, columns({}), context)).toThrow(NotStorableError)
})

test('answers to a form that is not there are what they are', () => {
  expect(answersTo.read(columns({ ndi_1: 1 }, 'gone'), context)).toEqual([
    { linkId: 'ndi_1', answer: [{ valueInteger: 1 }] },
  ])
  expect(answersTo.read([null, 't-1', null, null], context)).toBeUndefined()
})
