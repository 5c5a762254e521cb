import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { NotStorableError } from '../../../src/mapping/errors.ts'
import { validationErrors } from '../../support/validate.ts'
import { contextIn, keepsReading, make } from './laws.ts'

const context = contextIn()
const narrative = make('narrative')

function div(inside: string): { status: string; div: string } {
  return { status: 'additional', div: `<div xmlns="http://www.w3.org/1999/xhtml">${inside}</div>` }
}

test('text goes out as escaped XHTML, its lines told apart', () => {
  expect(narrative.read(' Rest & water\r\n<b>5 > 3</b> ', context)).toEqual(
    div('Rest &amp; water<br/>&lt;b&gt;5 &gt; 3&lt;/b&gt;'),
  )
  expect(narrative.read(' \n', context)).toBeUndefined()
})

test('any text makes a valid narrative and stays what it was', () => {
  const texts = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constantFrom('a\u0000b', '\uD800', 'د. سارة'))
  fc.assert(
    fc.property(texts, (stored) => {
      const text = narrative.read(stored, context)
      expect(keepsReading(narrative, stored)).toBe(text === undefined ? null : stored)
      if (text === undefined) return
      const resource = { resourceType: 'Basic', code: { text: 'note' }, text }
      expect(validationErrors(resource as never)).toEqual([])
    }),
  )
})

test('paragraphs, line breaks and character references become plain text again', () => {
  const stored = (inside: string, before: unknown = null): unknown => narrative.write(div(inside), before, context)
  expect(stored('Rest &amp; water<br/>&#60;b&#x3E; &quot;no&quot;')).toBe('Rest & water\n<b> "no"')
  expect(stored('<p>One</p>\n  <p>Two</p>')).toBe('One\n\nTwo')
  expect(stored('One<br />Two', 'a\r\nb')).toBe('One\r\nTwo')
  expect(stored('&unheard; &#99999999;')).toBe('&unheard; &#99999999;')
  expect(narrative.write(undefined, 'a', context)).toBeNull()
})

test('markup that a column of text would lose is refused', () => {
  for (const inside of ['<b>Rest</b>', '<p class="x">Rest</p>', '<table/>']) {
    expect(() => narrative.write(div(inside), 'a', context)).toThrow(NotStorableError)
  }
  expect(() => narrative.write({ status: 'additional', div: 'Rest' }, 'a', context)).toThrow(NotStorableError)
})
