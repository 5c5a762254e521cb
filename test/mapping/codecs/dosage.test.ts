import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { NotStorableError } from '../../../src/mapping/errors.ts'
import { contextIn, keepsReading, make } from './laws.ts'

const context = contextIn()
const dosage = make('dosage')
const mg = { unit: 'mg', system: 'http://unitsofmeasure.org', code: 'mg' }
const daily = (frequency: number): object => ({ repeat: { frequency, period: 1, periodUnit: 'd' } })

test('the text is always there; dose and timing only when sure', () => {
  expect(dosage.read(['2.5 mg', 'once daily', '28 days', null], context)).toEqual({
    text: '2.5 mg, once daily, 28 days',
    timing: daily(1),
    doseAndRate: [{ doseQuantity: { value: 2.5, ...mg } }],
  })
  expect(dosage.read(['10 mg at night', null], context)).toEqual({ text: '10 mg at night' })
  expect(dosage.read(['as per INR'], context)).toEqual({ text: 'as per INR' })
  expect(dosage.read(['', null, ' '], context)).toBeUndefined()
})

test.each([
  ['500mg', 'mg', 'mg'],
  ['500 MCG', 'MCG', 'ug'],
  ['5ml', 'ml', 'mL'],
  ['2 tablets', 'tablets', '{tbl}'],
])('the dose %s has the unit %s and the code %s', (text, unit, code) => {
  expect(dosage.read([text], context)).toMatchObject({ doseAndRate: [{ doseQuantity: { unit, code } }] })
})

test('a range is a range, puffs are no sure dose, 1-2 is not 12', () => {
  expect(dosage.read(['1-2 tablets'], context)).toMatchObject({
    doseAndRate: [{ doseRange: { low: { value: 1, code: '{tbl}' }, high: { value: 2 } } }],
  })
  expect(dosage.read(['2 puffs'], context)).toEqual({ text: '2 puffs' })
  expect(dosage.read(['1-2 tabs PRN'], context)).toEqual({ text: '1-2 tabs PRN', asNeededBoolean: true })
})

test.each(['prn', 'As needed', 'If needed', 'when required', '2-4 puffs PRN'])(
  '%s is as needed and no timing',
  (word) => {
    expect(dosage.read(['twice daily', word], context)).toEqual({ text: `twice daily, ${word}`, asNeededBoolean: true })
  },
)

test.each([
  ['OD', 1],
  ['b.d.', 2],
  ['tds', 3],
  ['Four times  daily', 4],
])('%s is %i times a day', (word, frequency) => {
  expect(dosage.read(['5 mg', word], context)).toMatchObject({ timing: daily(frequency) })
})

test('a dosage read and written back leaves all its columns as they are', () => {
  const part = fc.oneof(fc.string(), fc.constantFrom('500 mg', 'twice daily', 'PRN', 'after food, slowly', '', null))
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (stored) => {
      const filled = stored.some((each) => each?.trim())
      if (filled) expect(keepsReading(dosage, stored)).toEqual(stored)
    }),
  )
})

test('any new text is stored and read back', () => {
  const before = ['500 mg', 'twice daily', '7 days', 'after food']
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (text) => {
      if (text.trim() === '') return
      const written = dosage.write({ text }, before, context)
      expect(dosage.read(written, context)).toMatchObject({ text: text.trim() })
    }),
  )
})

test('a new text takes the place of the dosage; columns it still ends with stay', () => {
  const before = ['500 mg', 'twice daily', null, 'after food']
  expect(dosage.write({ text: '250 mg, twice daily, after food' }, before, context)).toEqual([
    '250 mg',
    'twice daily',
    null,
    'after food',
  ])
  expect(dosage.write({ text: 'as the doctor said' }, before, context)).toEqual([
    'as the doctor said',
    null,
    null,
    null,
  ])
  expect(dosage.write({ text: '250 mg, three times daily, after food' }, before, context)).toEqual([
    '250 mg, three times daily',
    null,
    null,
    'after food',
  ])
})

test('a text sent with its structure is split where the structure says so', () => {
  const before = ['500 mg', 'twice daily', null, 'after food']
  const sent = {
    text: '250 mg, tds, after food',
    timing: daily(3),
    doseAndRate: [{ doseQuantity: { value: 250, ...mg } }],
  }
  expect(dosage.write(sent, before, context)).toEqual(['250 mg', 'tds', null, 'after food'])
})

test('structure the text does not say is refused', () => {
  const before = ['500 mg', 'twice daily', null, null]
  expect(() => dosage.write({ text: '500 mg, twice daily', timing: daily(3) }, before, context)).toThrow(
    NotStorableError,
  )
  expect(() => dosage.write({ text: '500 mg', route: { text: 'oral' } }, before, context)).toThrow(NotStorableError)
  expect(() => dosage.write({ timing: daily(3) }, before, context)).toThrow(/send its text/)
  expect(dosage.write(undefined, before, context)).toEqual([null, null, null, null])
})

test('a duration is a number of days, months are none', () => {
  const duration = make('duration-days')
  const days = { unit: 'days', system: mg.system, code: 'd' }
  expect(duration.read('30 days', context)).toEqual({ value: 30, ...days })
  expect(duration.read('4 weeks', context)).toEqual({ value: 28, ...days })
  expect(duration.read('2 months', context)).toBeUndefined()
  expect(keepsReading(duration, '4 weeks')).toBe('4 weeks')
  expect(keepsReading(duration, '2 months')).toBe('2 months')
  expect(duration.write({ value: 1, ...days }, '4 weeks', context)).toBe('1 day')
  expect(duration.write(undefined, '4 weeks', context)).toBeNull()
  expect(() => duration.write({ value: 2, ...days, code: 'wk' }, '4 weeks', context)).toThrow(NotStorableError)
})

test('a strength is an amount of substance, or nothing', () => {
  const strength = make('strength')
  const one = { value: 1, system: mg.system, code: '1' }
  expect(strength.read('500 mg', context)).toEqual({ numerator: { value: 500, ...mg }, denominator: one })
  expect(strength.read('120mg/5ml', context)).toMatchObject({
    numerator: { value: 120 },
    denominator: { value: 5, code: 'mL' },
  })
  expect(strength.read('100mcg', context)).toMatchObject({ numerator: { code: 'ug' } })
  for (const text of ['10ml', '500mg/125mg', 'strong', '5%', '5mg/0ml']) {
    expect(strength.read(text, context)).toBeUndefined()
    expect(keepsReading(strength, text)).toBe(text)
  }
  expect(keepsReading(strength, '120mg/5ml')).toBe('120mg/5ml')
  const sent = {
    numerator: { value: 250, ...mg },
    denominator: { value: 5, unit: 'ml', system: mg.system, code: 'mL' },
  }
  expect(strength.write(sent, '120mg/5ml', context)).toBe('250mg/5ml')
  expect(() => strength.write({ numerator: { value: 1, unit: 'stone' } }, '5mg', context)).toThrow(NotStorableError)
})
