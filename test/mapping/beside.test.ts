import { expect, test } from '@jest/globals'
import { withBeside } from '../../src/mapping/beside.ts'
import { decimal } from '../../src/r4/json.ts'

const given = { resourceType: 'Patient', name: [{ family: 'Ray' }], contact: [{ name: { text: 'Bo' } }] }

test('members the lens does not give are added, and never hide what it gives', () => {
  const set = { photo: [{ url: 'urn:p' }], gender: 'male' }
  expect(withBeside(given, { set })).toEqual({ ...given, ...set })
  expect(withBeside({ ...given, gender: 'female' }, { set })).toEqual({ ...given, photo: set.photo, gender: 'female' })
  expect(given).not.toHaveProperty('photo')
})

test('what is said of a value holds for that very value', () => {
  const when = { reference: 'Patient/1', display: 'Ann' }
  const beside = { inner: { subject: { when, set: { display: 'Annie' } } } }
  expect(withBeside({ subject: when }, beside)).toEqual({ subject: { reference: 'Patient/1', display: 'Annie' } })
  const other = { subject: { reference: 'Patient/2', display: 'Bob' } }
  expect(withBeside(other, beside)).toEqual(other)
  expect(withBeside({}, beside)).toEqual({})
})

test('digits tell one value from another', () => {
  const when = { value: decimal('37.10') }
  const beside = { inner: { valueQuantity: { when, set: { comparator: '<' } } } }
  const of = (value: unknown) => withBeside({ valueQuantity: { value } }, beside)['valueQuantity']
  expect(of(decimal('37.10'))).toHaveProperty('comparator', '<')
  expect(of(37.1)).not.toHaveProperty('comparator')
})

test('items come after those of the lens, once', () => {
  const added = [{ family: 'Ray' }, { family: 'Born' }]
  expect(withBeside(given, { items: { name: { added } } })['name']).toEqual([{ family: 'Ray' }, { family: 'Born' }])
  expect(withBeside({}, { items: { name: { added } } })['name']).toEqual(added)
})

test('what is said of an item goes with its place, or with its value wherever that stands', () => {
  const byPlace = { items: { contact: { inner: [{ at: { index: 0 }, beside: { set: { gender: 'male' } } }] } } }
  expect(withBeside(given, byPlace)['contact']).toEqual([{ name: { text: 'Bo' }, gender: 'male' }])
  expect(withBeside({ contact: [] }, byPlace)['contact']).toEqual([])
  const at = { like: { family: 'Ray' } }
  const byValue = { items: { name: { inner: [{ at, beside: { set: { use: 'old' } } }] } } }
  expect(withBeside({ name: [{ family: 'New' }, { family: 'Ray' }] }, byValue)['name']).toEqual([
    { family: 'New' },
    { family: 'Ray', use: 'old' },
  ])
  expect(withBeside({ name: [{ family: 'New' }] }, byValue)['name']).toEqual([{ family: 'New' }])
})
