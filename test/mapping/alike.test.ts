/** What counts as the same thing said otherwise. */
import { expect, test } from '@jest/globals'
import { alike, means } from '../../src/mapping/alike.ts'

const LOINC = 'http://loinc.org'
const rate = { coding: [{ system: LOINC, code: '8867-4', display: 'Heart rate' }], text: 'Heart rate' }
const saturation = {
  coding: [
    { system: LOINC, code: '2708-6' },
    { system: LOINC, code: '59408-5' },
  ],
}

test.each([
  ['the code without its display', rate, { coding: [{ system: LOINC, code: '8867-4' }] }],
  ['the code in other words', rate, { coding: [{ system: LOINC, code: '8867-4', display: 'Pulse' }], text: 'Pulse' }],
  ['the words alone', rate, { text: 'heart rate' }],
  ['a coding of its own beside', rate, { coding: [{ system: 'urn:own', code: 'HR' }, rate.coding[0]] }],
  ['one of two codings', saturation, { coding: [{ system: LOINC, code: '59408-5' }] }],
  ['more items', [rate], [rate, { text: 'mine' }]],
  ['an instant in another zone', '2025-01-01T00:00:00Z', '2025-01-01T01:00:00+01:00'],
])('a client that says %s means the constant', (_what, constant, sent) => {
  expect(means(constant, sent)).toBe(true)
})

test.each([
  ['another code', rate, { coding: [{ system: LOINC, code: '8310-5' }], text: 'Heart rate' }],
  ['a code of another system', rate, { coding: [{ system: 'urn:own', code: '8867-4' }] }],
  ['other words alone', rate, { text: 'Temperature' }],
  ['nothing that the constant says', rate, { id: 'x' }],
  ['another word', 'final', 'amended'],
])('a client that says %s does not', (_what, constant, sent) => {
  expect(means(constant, sent)).toBe(false)
})

test('a canonical that leaves the version to the source is the one that the source has', () => {
  expect(alike('https://a.example/Questionnaire/x', 'https://a.example/Questionnaire/x|2')).toBe(true)
  expect(alike('https://a.example/Questionnaire/x|1', 'https://a.example/Questionnaire/x|2')).toBe(false)
})
