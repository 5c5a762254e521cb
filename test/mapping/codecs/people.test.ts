/** Codecs of people and their appointments at the multi-tenant clinic. */
import { expect, test } from '@jest/globals'
import { NotStorableError } from '../../../src/mapping/errors.ts'
import { contextIn, keepsReading, make } from './laws.ts'

const context = contextIn()
const firstFilled = make('first-filled')
const person = make('contact-person')
const end = make('end-or-assumed', { default: 30 })

test('the first filled column is read, and takes what is written', () => {
  expect(firstFilled.read([null, ' 02 5550 0042 '], context)).toBe('02 5550 0042')
  expect(firstFilled.read(['  ', 'second'], context)).toBe('second')
  expect(firstFilled.read([null, null], context)).toBeUndefined()
  expect(firstFilled.write('3', ['1', '2'], context)).toEqual(['3', '2'])
  expect(firstFilled.write('3', [null, '2'], context)).toEqual([null, '3'])
  expect(firstFilled.write('3', [null, null], context)).toEqual(['3', null])
})

test('an element that is gone empties every column that says it', () => {
  expect(firstFilled.write(undefined, ['1', '2'], context)).toEqual([null, null])
})

test('the first filled column may go through another codec', () => {
  const contact = make('first-filled', { of: person })
  const rob = '{"name":"Rob","phone":"1"}'
  expect(contact.read([{}, rob], context)).toMatchObject({ name: { text: 'Rob' } })
  const fhir = { name: { text: 'Robert' }, telecom: [{ system: 'phone', value: '1' }] }
  expect(contact.write(fhir, [{}, rob], context)).toEqual([{}, '{"name":"Robert","phone":"1","relationship":null}'])
})

test('a contact needs a name or a phone number', () => {
  expect(person.read({}, context)).toBeUndefined()
  expect(person.read({ relationship: 'brother' }, context)).toBeUndefined()
  expect(person.read({ phone: '1', relationship: 'brother' }, context)).toEqual({
    relationship: [{ coding: [expect.objectContaining({ code: 'C' })], text: 'brother' }],
    telecom: [{ system: 'phone', value: '1' }],
  })
  expect(() => person.write({ relationship: [{ text: 'brother' }] }, null, context)).toThrow(NotStorableError)
})

test('a contact keeps what else its JSON holds, and refuses what it cannot hold', () => {
  const stored = { name: 'Rob', phone: '1', note: 'evenings' }
  expect(keepsReading(person, stored)).toMatchObject(stored)
  expect(person.write({ name: { text: 'Bo' } }, stored, context)).toMatchObject({ name: 'Bo', note: 'evenings' })
  expect(() => person.write({ name: { text: 'Bo' }, gender: 'male' }, stored, context)).toThrow(NotStorableError)
})

test('a language has a code, or is said in words', () => {
  const language = make('language')
  expect(language.read('en-AU', context)).toEqual({ coding: [{ system: 'urn:ietf:bcp:47', code: 'en-AU' }] })
  expect(language.read('Auslan', context)).toEqual({ text: 'Auslan' })
  expect(keepsReading(language, ' en-AU ')).toBe(' en-AU ')
  expect(language.write({ coding: [{ system: 'urn:ietf:bcp:47', code: 'vi' }] }, 'en', context)).toBe('vi')
  expect(() => language.write({ coding: [{ system: 'http://loinc.org', code: 'vi' }] }, 'en', context)).toThrow(
    NotStorableError,
  )
})

test('a preferred day is the period of that day', () => {
  const day = make('day-period')
  expect(day.read('2025-12-08', context)).toEqual({ start: '2025-12-08', end: '2025-12-08' })
  expect(keepsReading(day, new Date('2025-12-08T00:00:00Z'))).toEqual(new Date('2025-12-08T00:00:00Z'))
  expect(day.write({ start: '2025-12-09', end: '2025-12-09' }, '2025-12-08', context)).toBe('2025-12-09')
  expect(() => day.write({ start: '2025-12-09', end: '2025-12-10' }, null, context)).toThrow(NotStorableError)
})

test('without an end, the assumed one is read and never stored', () => {
  expect(end.read([null, '2025-11-03T23:45:00Z'], context)).toBe('2025-11-04T00:15:00Z')
  expect(end.read([null, null], context)).toBeUndefined()
  const before = [null, '2025-11-03T23:45:00Z']
  expect(end.write('2025-11-04T00:15:00Z', before, context)).toEqual(before)
  expect(() => end.write(undefined, before, context)).toThrow(NotStorableError)
})

test('an end is stored in the form it had, or that of the start', () => {
  const start = '2025-11-03 23:45:00'
  expect(end.write('2025-11-04T01:00:00+01:00', ['2025-11-03 23:50:00', start], context)).toEqual([
    '2025-11-04 00:00:00',
    start,
  ])
  expect(end.write('2025-11-04T00:30:00Z', [null, start], context)).toEqual(['2025-11-04 00:30:00', start])
})
