/** Which item of a sent list is which of the lens's, where no discriminator says so. */
import { expect, test } from '@jest/globals'
import { pairItems } from '../../src/mapping/pair-items.ts'

const LOINC = 'http://loinc.org'
const given = [
  { system: LOINC, code: '2708-6', display: 'Oxygen saturation' },
  { system: LOINC, code: '59408-5', display: 'Oxygen saturation by Pulse oximetry' },
]

function places(sent: readonly unknown[]): (number | undefined)[] {
  const pairs = pairItems(sent, given, undefined)
  return sent.map((_, index) => pairs.get(index)?.after)
}

test('a coding is found again without its display, in other words, and with more said of it', () => {
  const [one, other] = given
  expect(
    places([
      { system: LOINC, code: '59408-5' },
      { ...one, display: 'SpO2' },
    ]),
  ).toEqual([1, 0])
  expect(places([{ ...other, userSelected: true }])).toEqual([1])
})

test('a coding of another code or system is an item of its own', () => {
  expect(places([{ system: LOINC, code: '8867-4' }, { system: 'urn:own', code: '2708-6' }, { display: 'x' }])).toEqual([
    undefined,
    undefined,
    undefined,
  ])
})
