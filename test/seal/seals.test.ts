/** What is sealed opens at its place with its key, and nowhere else. */
import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { kidOf, noSeals, sealsOf } from '../../src/seal/seals.ts'
import { newSealKey, testSeals } from '../support/seals.ts'

const place = { record: 'default/Patient/1', path: 'identifier[0].value' }
const seals = testSeals()

test('Any text opens as it was, and is sealed as another text each time.', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (value) => {
      const text = value.toWellFormed()
      const sealed = seals.seal(place, text)
      expect(seals.open(place, sealed)).toBe(text)
      expect(seals.seal(place, text)).not.toBe(sealed)
    }),
  )
})

test.each([
  ['another record', { ...place, record: 'default/Patient/2' }],
  ['another tenant', { ...place, record: 'second/Patient/1' }],
  ['another type', { ...place, record: 'default/Person/1' }],
  ['another element', { ...place, path: 'identifier[1].value' }],
])('What was put into %s does not open, and the sentence does not say the value.', (_what, elsewhere) => {
  const sealed = seals.seal(place, 'POL-0000001')
  expect(() => seals.open(elsewhere, sealed)).toThrow(/does not open: it was changed or put there from elsewhere/)
  expect(() => seals.open(elsewhere, sealed)).not.toThrow(/POL/)
})

test('One bit that was changed anywhere, and it does not open.', () => {
  const sealed = seals.seal(place, 'POL-0000001')
  const [version = '', kid = '', data = ''] = sealed.split('.')
  const bytes = Buffer.from(data, 'base64url')
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const changed = Buffer.from(bytes)
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    expect(() => seals.open(place, `${version}.${kid}.${changed.toString('base64url')}`)).toThrow(/does not open/)
  }
  expect(() => seals.open(place, `1.${kid}.AAAA`)).toThrow(/does not open/)
})

test('The first key seals, the others open; without its key, or without any, nothing opens, is sealed or blinded.', () => {
  const [old, fresh] = [newSealKey(), newSealKey()]
  const sealed = sealsOf([old]).seal(place, 'POL-0000001')
  const both = sealsOf([fresh, old])
  expect(both.open(place, sealed)).toBe('POL-0000001')
  expect(kidOf(both.seal(place, 'x'))).toBe(fresh.kid)
  expect(() => sealsOf([fresh]).open(place, sealed)).toThrow(`sealed with the key ${old.kid} that the gateway does not`)
  expect(() => noSeals.open(place, sealed)).toThrow(/does not have/)
  expect(() => noSeals.seal(place, 'x')).toThrow(/name them in ISTHMUS_ENCRYPTION_KEYS/)
  expect(() => noSeals.blind('default', 'Patient.identifier.value', 'x')).toThrow(/ISTHMUS_ENCRYPTION_KEYS/)
  // A name alone makes no key: the tag tells
  const liar = sealsOf([{ kid: old.kid, key: fresh.key }])
  expect(() => liar.open(place, sealed)).toThrow(/does not open/)
})

test('Equal values of a field have one index, those of another field, tenant or key have others.', () => {
  const other = newSealKey()
  const two = sealsOf([newSealKey(), other])
  const index = two.blind('default', 'Patient.identifier.value', 'POL-1')
  expect(two.blind('default', 'Patient.identifier.value', 'POL-1')).toBe(index)
  const others = [
    two.blind('default', 'Patient.identifier.value', 'POL-2'),
    two.blind('default', 'Coverage.subscriberId', 'POL-1'),
    two.blind('second', 'Patient.identifier.value', 'POL-1'),
    two.blind('default', 'Patient.identifier.value', 'POL-1', other.kid),
  ]
  expect(new Set([index, ...others]).size).toBe(5)
})
