import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { exactKey, fold, stringKey, tokenKeys } from '../../../src/r4/keys/text.ts'

test('case, accents, Arabic vowel signs, tatweel and extra spaces make no difference', () => {
  expect(fold('  Müller   de\tla Peña ')).toBe('muller de la pena')
  expect(fold('فَاطِمَة')).toBe(fold('فاطمة'))
  expect(fold('محـــمد')).toBe(fold('محمد'))
  expect(fold('أحمد')).toBe(fold('احمد'))
  expect(fold('ﬁn')).toBe('fin')
})

test('folding what is folded changes nothing', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      expect(fold(fold(text))).toBe(fold(text))
    }),
  )
})

test('long values are cut to 200 characters, never through a character', () => {
  expect(stringKey('name', 'a'.repeat(300))).toBe(`name~${'a'.repeat(200)}`)
  expect(exactKey('name', 'a'.repeat(199) + '😀').isWellFormed()).toBe(true)
})

test('a token is found with its system, in any system, and by its system', () => {
  expect(tokenKeys('code', 'http://loinc.org', '8867-4')).toEqual([
    'code=http://loinc.org|8867-4',
    'code=*|8867-4',
    'code=http://loinc.org|*',
  ])
  expect(tokenKeys('status', undefined, 'final')).toEqual(['status=|final', 'status=*|final'])
  expect(tokenKeys('code', 'http://loinc.org', undefined)).toEqual(['code=http://loinc.org|*'])
})
