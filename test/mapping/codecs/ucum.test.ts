import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { isUcum } from '../../../src/mapping/codecs/ucum.ts'

const valid = `ng/mL mmol/L 10*9/L 10*3/uL 10^6/L % mm[Hg] [IU]/L m[IU]/L [iU]/mL /min Cel [degF] kg/m2 mg/dl mg/dL U/L meq/L
  mL/min/{1.73_m2} {score} {steps} mg/(24.h) g/dL pg fL a d h wk mo ug/L m/s2 s-1 1 umol/L kat/L nkat/L mosm/kg [pH] [lb_av]`
const invalid = `bpm units mIU/L IU/mL K/uL C pH G/L cells/uL mcg mmHg sec yrs mg/ /  // mg// mg/dL) (mg {a {a}} mg{b}2 m[iu] Mg2+
  mg.. .mg 0mg`

test.each(valid.split(/\s+/))('%s is a UCUM unit', (unit) => {
  expect(isUcum(unit)).toBe(true)
})

test.each([...invalid.split(/\s+/), '', ' ', 'mL/min/1.73 m2', 'mg/dL ', 'm'.repeat(100)])('"%s" is none', (unit) => {
  expect(isUcum(unit)).toBe(false)
})

test('no text makes it throw', () => {
  fc.assert(fc.property(fc.string(), (text) => expect(typeof isUcum(text)).toBe('boolean')))
})
