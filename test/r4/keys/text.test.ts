import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { fold } from '../../../src/r4/keys/fold.ts'
import { exactKey, stringKey, tokenKeys } from '../../../src/r4/keys/text.ts'

test.each([
  ['  Müller   de\tla Peña ', 'muller de la pena'],
  ['Carreño-Quiñones', 'carreno quinones'],
  ['Straße', 'STRASSE'],
  ['Øster Łódź, Ærø', 'oster lodz aero'],
  ['O’Brien', "O'brien"],
  ['12/B, Al-Noor St.', '12 b al noor st'],
  ['ﬁn', 'fin'],
  ['ΟΔΥΣΣΕΥΣ', 'οδυσσευσ'],
  ['فَاطِمَة', 'فاطمة'],
  ['محـــمد', 'محمد'],
  ['أحمد إبراهيم آل ٱلنور', 'احمد ابراهيم ال النور'],
  ['فاطمة', 'فاطمه'],
  ['مصطفى', 'مصطفي'],
  ['مؤمن رئيس', 'مومن رييس'],
  ['کریم', 'كريم'],
  ['شارع ٢٣، مبنى ۴۵', 'شارع 23 مبني 45'],
  ['a\u200db\u202ec', 'abc'],
])('%s and %s are one', (text, other) => {
  expect(fold(text)).toBe(fold(other))
  expect(fold(text)).not.toBe('')
})

test('what is left of punctuation alone is nothing, and symbols stay', () => {
  expect(fold("' - ? ")).toBe('')
  expect(fold('C++ <5')).toBe('c++ <5')
})

test('plain text folds as it does beside other letters', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 100 }), (text) => {
      expect(fold(`é ${text} é`)).toBe(['e', fold(text), 'e'].filter((it) => it !== '').join(' '))
    }),
  )
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
