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
  expect(() => consent.write('draft', [true, false], context)).toThrow('no flag for "draft"')
  expect(() => consent.read(['maybe', false], context)).toThrow(UnreadableError)
  expect(() => make('flags')).toThrow('needs "codes"')
})

const START = 'https://interop.example.org/Questionnaire/qivr-'
const formUrl = make('form-url', { start: START })
const formUsed = make('form-used', { start: START })
/** `[form's key, keys, tenants, names, versions]` */
const usedForm = (key: unknown): unknown[] => [
  key,
  ['f-1', 'f-2', 'f-10', 'f-x', 'f-n'],
  ['t 1', 't 1', 't 1', 't 1', 't 1'],
  ['ndi', 'ndi', 'ndi', null, 'psfs'],
  [1, 2, 10, 1, null],
]

test('a form has one URL, made of what it is known by', () => {
  expect(formUrl.read(['t 1', 'ndi'], context)).toBe(`${START}t%201-ndi`)
  expect(formUrl.read(['t 1', null], context)).toBeUndefined()
})

test('the form that was answered is its URL with the version', () => {
  expect(formUsed.read(usedForm('f-1'), context)).toBe(`${START}t%201-ndi|1`)
  expect(formUsed.read(usedForm('f-n'), context)).toBe(`${START}t%201-psfs`)
  const own = contextIn()
  expect([formUsed.read(usedForm('gone'), own), formUsed.read(usedForm('f-x'), own)]).toEqual([undefined, undefined])
  expect(own.warnings).toHaveLength(2)
})

test('a URL is written as the key of its form: of the version that is said, or the newest', () => {
  const write = (fhir: string | undefined, key: unknown = null): unknown =>
    (formUsed.write(fhir, usedForm(key), context) as unknown[])[0]
  expect(write(`${START}t%201-ndi|2`)).toBe('f-2')
  expect(write(`${START}t%201-ndi`)).toBe('f-10')
  expect(write(`${START}t%201-ndi`, 'f-1')).toBe('f-1')
  expect(write(undefined, 'f-1')).toBeNull()
  expect(() => write(`${START}t%201-ndi|3`)).toThrow(NotStorableError)
})

test('form codecs need their start', () => {
  expect(() => make('form-url')).toThrow('needs a "start"')
  expect(() => make('form-used')).toThrow('needs a "start"')
})

const dose = make('dose-of-series')

test.each([
  ['2 of 3', { doseNumberPositiveInt: 2, seriesDosesPositiveInt: 3 }],
  ['2 OF  3', { doseNumberPositiveInt: 2, seriesDosesPositiveInt: 3 }],
  ['2', { doseNumberPositiveInt: 2 }],
  [2, { doseNumberPositiveInt: 2 }],
  ['0 of 3', { series: '0 of 3', doseNumberString: '0 of 3' }],
  ['Booster', { series: 'Booster', doseNumberString: 'Booster' }],
])('the dose %j is read, and stays as it is', (stored, protocol) => {
  expect(dose.read(stored, context)).toEqual(protocol)
  expect(dose.write(protocol, stored, context)).toBe(stored)
})

test('a dose is written as numbers or words; what the column cannot say is refused', () => {
  expect(dose.write({ doseNumberPositiveInt: 3, seriesDosesPositiveInt: 3 }, '2 of 3', context)).toBe('3 of 3')
  expect(dose.write({ doseNumberString: 'Booster' }, null, context)).toBe('Booster')
  expect(dose.write(undefined, '2 of 3', context)).toBeNull()
  expect(() => dose.write({ series: 'Twinrix', doseNumberPositiveInt: 1 }, null, context)).toThrow(NotStorableError)
  expect(() => dose.write({ doseNumberString: '2', seriesDosesString: 'three' }, null, context)).toThrow(
    NotStorableError,
  )
})
