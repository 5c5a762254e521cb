import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { Decimal128 } from 'mongodb'
import { ExtendedPrimitive } from '../../../src/mapping/codec.ts'
import { NotStorableError, UnreadableError } from '../../../src/mapping/errors.ts'
import { contextIn, keepsReading, make, tableOf } from './laws.ts'

const context = contextIn()
const text = make('text')

test('any text is read trimmed and stays what it was', () => {
  fc.assert(
    fc.property(fc.string(), (stored) => expect(keepsReading(text, stored)).toBe((stored.trim() && stored) || null)),
  )
})

test('numbers become text and go back as the numbers they were', () => {
  expect(text.read(5201, context)).toBe('5201')
  expect(keepsReading(text, 5201)).toBe(5201)
  expect(text.write('5202', 5201, context)).toBe(5202)
  expect(text.write('A-1', 5201, context)).toBe('A-1')
  expect(text.write('007', 5201, context)).toBe('007')
  expect(keepsReading(text, Decimal128.fromString('1.50'))).toEqual(Decimal128.fromString('1.50'))
  expect(() => text.read({ a: 1 }, context)).toThrow(UnreadableError)
})

test('0, 1, their texts and true, false are booleans and stay in their kind', () => {
  const boolean = make('boolean')
  const kinds: readonly (readonly [unknown, unknown])[] = [
    [0, 1],
    ['0', '1'],
    [false, true],
    ['false', 'true'],
  ]
  for (const [no, yes] of kinds) {
    expect(boolean.read(no, context)).toBe(false)
    expect(boolean.read(yes, context)).toBe(true)
    expect(keepsReading(boolean, no)).toBe(no)
    expect(boolean.write(true, no, context)).toBe(yes)
    expect(make('not-boolean').write(true, yes, context)).toBe(no)
  }
  expect(boolean.write(true, null, context)).toBe(true)
  expect(make('not-boolean').read(0, context)).toBe(true)
  expect(() => boolean.read('maybe', context)).toThrow(UnreadableError)
  expect(() => boolean.write('yes', 0, context)).toThrow(NotStorableError)
})

test('a text of two languages carries the second as translation', () => {
  const bilingual = make('bilingual')
  const both = bilingual.read(['Basic Review', 'مراجعة أساسية'], context) as ExtendedPrimitive
  expect(both).toBeInstanceOf(ExtendedPrimitive)
  expect(both.value).toBe('Basic Review')
  expect(both.extension).toEqual([
    {
      url: 'http://hl7.org/fhir/StructureDefinition/translation',
      extension: [
        { url: 'lang', valueCode: 'ar' },
        { url: 'content', valueString: 'مراجعة أساسية' },
      ],
    },
  ])
  expect(bilingual.read(['Basic Review', ''], context)).toBe('Basic Review')
  expect(bilingual.read([null, 'مراجعة'], context)).toMatchObject({ value: undefined })
  expect(bilingual.read([null, ' '], context)).toBeUndefined()
})

test('a translation is stored in its column, and another extension refused', () => {
  const bilingual = make('markdown-bilingual')
  for (const stored of [
    ['a', 'b'],
    ['a', null],
    [null, 'b'],
    [null, null],
  ]) {
    expect(keepsReading(bilingual, stored)).toEqual(stored)
  }
  expect(bilingual.write('a', ['x', 'y'], context)).toEqual(['a', null])
  const strange = new ExtendedPrimitive('a', [{ url: 'http://example.org', valueString: 'b' }])
  expect(() => bilingual.write(strange, ['x', 'y'], context)).toThrow(NotStorableError)
})

test('lines are the filled lines of a text', () => {
  const lines = make('lines')
  expect(lines.read('1 George St\r\n\r\n Level 2 ', context)).toEqual(['1 George St', 'Level 2'])
  expect(keepsReading(lines, '1 George St\nLevel 2')).toBe('1 George St\nLevel 2')
  expect(lines.write(['a', 'b'], 'x\r\ny', context)).toBe('a\r\nb')
  expect(() => lines.write(['a\nb'], 'x', context)).toThrow(NotStorableError)
  expect(lines.read(' \n ', context)).toBeUndefined()
})

test('a list is read from an array or from JSON text, and stays the one it was', () => {
  const list = make('list-of', { of: make('text') })
  expect(list.read(['Latex', '', null, ' Dust '], context)).toEqual(['Latex', 'Dust'])
  expect(list.read('["BSc","MOst"]', context)).toEqual(['BSc', 'MOst'])
  expect(list.write(['BSc', 'PhD'], '["BSc","MOst"]', context)).toBe('["BSc","PhD"]')
  expect(list.write(['PhD', 'Dust'], ['Latex', ' Dust '], context)).toEqual(['PhD', ' Dust '])
  expect(list.write(['PhD'], null, context)).toEqual(['PhD'])
  expect(list.write(undefined, ['PhD'], context)).toBeNull()
})

test('any list of texts keeps its reading', () => {
  const list = make('list-of', { of: make('text') })
  const items = fc.array(fc.oneof(fc.string(), fc.constant(null)))
  fc.assert(
    fc.property(items, fc.boolean(), (array, json) => {
      keepsReading(list, json ? JSON.stringify(array) : array)
    }),
  )
})

test('bad JSON is nothing with a warning, kept on write and never overwritten', () => {
  const list = make('list-of', { of: make('text') })
  const own = contextIn()
  expect(list.read('not json', own)).toBeUndefined()
  expect(own.warnings).toHaveLength(1)
  expect(list.write(undefined, 'not json', own)).toBe('not json')
  expect(() => list.write(['a'], 'not json', own)).toThrow(NotStorableError)
  expect(list.read('null', contextIn())).toBeUndefined()
})

test('a list may hold words of a table', () => {
  const table = tableOf({ yes: 'Y', no: 'N' }, { system: 'http://example.org/cs' })
  const list = make('list-of', { of: make('concept', { table }) })
  expect(list.read(['YES'], context)).toEqual([
    { coding: [{ system: 'http://example.org/cs', code: 'Y' }], text: 'YES' },
  ])
  expect(keepsReading(list, ['YES', 'unheard of'])).toEqual(['YES', 'unheard of'])
})

test('a JSON column without a FHIR shape is the string of its JSON', () => {
  const json = make('json-text')
  expect(json.read({ smoker: true }, context)).toBe('{"smoker":true}')
  expect(json.read({}, context)).toBeUndefined()
  expect(keepsReading(json, { smoker: true })).toEqual({ smoker: true })
  expect(keepsReading(json, '{"smoker": true}')).toBe('{"smoker": true}')
  expect(() => json.write('smoker', {}, context)).toThrow(NotStorableError)
  // As a string in the column it would read as words
  expect(() => json.write('"smoker"', {}, context)).toThrow(NotStorableError)
})
