import { expect, test } from '@jest/globals'
import type { ExtendedPrimitive } from '../../../src/mapping/codec.ts'
import { NotStorableError } from '../../../src/mapping/errors.ts'
import { contextIn, keepsReading, make, tableOf } from './laws.ts'

const context = contextIn()
const status = tableOf(
  { draft: 'draft', active: 'active', issued: '~active', fulfilled: 'completed' },
  { otherwise: 'unknown' },
)

test('a code is read trimmed and without regard to case', () => {
  const code = make('code', { table: status })
  expect(code.read(' Fulfilled ', context)).toBe('completed')
  expect(code.read('strange', context)).toBe('unknown')
})

test('a word that reads as the code sent stays, else the writable word is stored', () => {
  const code = make('code', { table: status })
  expect(code.write('active', 'Issued', context)).toBe('Issued')
  expect(code.write('active', 'draft', context)).toBe('active')
  expect(code.write('unknown', 'strange', context)).toBe('strange')
  expect(code.write('active', null, context)).toBe('active')
  for (const word of ['draft', 'issued', 'strange', 'FULFILLED']) expect(keepsReading(code, word)).toBe(word)
})

test('a code without a word is refused with the codes that have one', () => {
  const code = make('code', { table: status })
  try {
    code.write('entered-in-error', 'draft', context)
    throw new Error('not refused')
  } catch (error) {
    expect(error).toBeInstanceOf(NotStorableError)
    expect((error as NotStorableError).allowed).toEqual(['draft', 'active', 'completed'])
  }
  expect(() => code.write('unknown', 'draft', context)).toThrow(NotStorableError)
})

test('an unknown word of a table without else is a data-absent-reason, is counted, and is kept', () => {
  const code = make('code', { table: tableOf({ male: 'male' }) })
  const own = contextIn()
  const absent = code.read('martian', own) as ExtendedPrimitive
  expect(absent.value).toBeUndefined()
  expect(absent.extension).toEqual([
    { url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' },
  ])
  expect(own.warnings).toEqual(['a word is missing from the code table test-table'])
  expect(code.write(absent, 'martian', own)).toBe('martian')
})

test('a table of lists gives one value to each path', () => {
  const table = tableOf({ scheduled: ['booked', 'needs-action'], confirmed: ['booked', 'accepted'] })
  const code = make('code', { table })
  expect(code.read('Scheduled', context)).toEqual(['booked', 'needs-action'])
  expect(code.write(['booked', 'accepted'], 'scheduled', context)).toBe('confirmed')
  expect(code.read('lost', contextIn())).toHaveLength(2)
  expect(() => code.write(['booked', 'declined'], 'scheduled', context)).toThrow(NotStorableError)
  expect(code.write([undefined, undefined], 'scheduled', context)).toBeNull()
})

test('1, "1" and true are one word, written in the kind that was there', () => {
  const code = make('code', { table: tableOf({ 1: 'active', 0: 'retired' }) })
  expect(code.read(true, context)).toBe('active')
  expect(code.read('0', context)).toBe('retired')
  expect(code.write('active', 0, context)).toBe(1)
  expect(code.write('active', '0', context)).toBe('1')
  expect(code.write('active', false, context)).toBe(true)
  expect(code.write('active', null, context)).toBe(1)
})

test('a code of a boolean element is a boolean', () => {
  const code = make('code', { table: tableOf({ active: 'true', blocked: 'false' }), type: 'boolean' })
  expect(code.read('active', context)).toBe(true)
  expect(code.write(false, 'active', context)).toBe('blocked')
})

test('the source word shows where its code would write another', () => {
  const word = make('source-word', { table: status })
  expect(word.read('Active', context)).toBeUndefined()
  expect(word.read('issued', context)).toBe('issued')
  expect(word.read(' on  hold ', context)).toBe('on hold')
})

const marital = tableOf(
  { single: 'S', married: 'M', wed: '~M' },
  { system: 'http://terminology.hl7.org/CodeSystem/v3-MaritalStatus', display: { S: 'Never Married' } },
)
const concept = make('concept', { table: marital })
const married = { coding: [{ system: marital.system, code: 'M' }] }

test('a concept is the coding of the table with the stored word as its text', () => {
  expect(concept.read('Single', context)).toEqual({
    coding: [{ system: marital.system, code: 'S', display: 'Never Married' }],
    text: 'Single',
  })
  const own = contextIn()
  expect(concept.read('complicated', own)).toEqual({ text: 'complicated' })
  expect(own.warnings).toHaveLength(1)
  for (const word of ['Single', 'wed', 'complicated']) expect(keepsReading(concept, word)).toBe(word)
})

test('the coding decides which word is stored; a text alone is stored as it is', () => {
  expect(concept.write(married, 'single', context)).toBe('married')
  expect(concept.write({ ...married, text: 'single' }, 'single', context)).toBe('married')
  expect(concept.write({ ...married, text: 'Married' }, null, context)).toBe('married')
  expect(concept.write({ text: 'it is complicated' }, 'single', context)).toBe('it is complicated')
  expect(concept.write(undefined, 'single', context)).toBeNull()
})

test('what a concept column cannot hold is refused', () => {
  expect(() => concept.write({ ...married, text: 'since 2010' }, 'single', context)).toThrow(/text of its own/)
  expect(() => concept.write({ coding: [{ system: 'http://example.org', code: 'M' }] }, 'single', context)).toThrow(
    NotStorableError,
  )
  expect(() => concept.write({ coding: [{ system: marital.system, code: 'T' }] }, 'single', context)).toThrow(
    /no word for "T"/,
  )
  expect(() => make('concept', { table: tableOf({ a: 'b' }) })).toThrow(/needs a "system"/)
})

test('a concept of text alone refuses codings', () => {
  const words = make('concept-text')
  expect(words.read(' Physiotherapy ', context)).toEqual({ text: 'Physiotherapy' })
  expect(keepsReading(words, 'Physiotherapy')).toBe('Physiotherapy')
  expect(() => words.write(married, 'x', context)).toThrow(/coding/)
})

test('a coding has the system of its rule, and LOINC when it is shaped so', () => {
  const icd = make('coding', { system: 'http://hl7.org/fhir/sid/icd-10', 'upper-case': true, display: false })
  expect(icd.read(['m54.2', 'Neck pain'], context)).toEqual({
    coding: [{ system: 'http://hl7.org/fhir/sid/icd-10', code: 'M54.2' }],
    text: 'Neck pain',
  })
  expect(keepsReading(icd, ['m54.2', 'Neck pain'])).toEqual(['m54.2', 'Neck pain'])
  expect(keepsReading(icd, [null, 'Neck pain'])).toEqual([null, 'Neck pain'])
  const lab = make('coding', { system: 'IB/CodeSystem/hms-test-code', loinc: true })
  expect(lab.read(['10839-9', 'Troponin I'], context)).toEqual({
    coding: [{ system: 'http://loinc.org', code: '10839-9', display: 'Troponin I' }],
    text: 'Troponin I',
  })
  const local = { system: 'https://interop.example.org/CodeSystem/hms-test-code', code: 'SP' }
  expect(lab.read('SP', context)).toEqual({ coding: [local] })
  expect(make('coding', { system: 'IB/CodeSystem/hms-test-code', type: 'Coding' }).read('SP', context)).toEqual(local)
})

test('a coding of another system, or a second one, is refused', () => {
  const lab = make('coding', { system: 'IB/CodeSystem/hms-test-code', loinc: true })
  const loinc = { system: 'http://loinc.org', code: '2345-7' }
  expect(lab.write({ coding: [loinc] }, 'SP', context)).toBe('2345-7')
  expect(() => lab.write({ coding: [{ ...loinc, code: 'X' }] }, 'SP', context)).toThrow(NotStorableError)
  expect(() => lab.write({ coding: [loinc, loinc] }, 'SP', context)).toThrow(NotStorableError)
})
