/** What was sent against what the lens reads after the write, on the ward of test/mappings. */
import { expect, test } from '@jest/globals'
import type { Resource } from '@medplum/fhirtypes'
import type { Beside, Json } from '../../src/mapping/beside.ts'
import { NotStorableError } from '../../src/mapping/errors.ts'
import type { Lens } from '../../src/mapping/lens.ts'
import { loadSystems } from '../../src/mapping/load.ts'
import { BASE } from './examples.ts'

const { systems } = loadSystems('test/mappings', { base: BASE })
const lens = (name: string): Lens => systems.flatMap(({ lenses }) => lenses).find((each) => each.name === name) as Lens

const patient: Json = {
  resourceType: 'Patient',
  id: 'w-1',
  meta: { source: `${BASE}/sid/ward/patients/1` },
  identifier: [{ system: `${BASE}/sid/ward/patients`, value: '1' }],
  active: true,
  telecom: [
    { system: 'phone', value: '1' },
    { system: 'email', value: 'a@example.org' },
  ],
}

const settled = (sent: Json, after = patient, before: Json | undefined = patient): Beside | undefined =>
  lens('ward/patient').settle(
    '',
    sent as unknown as Resource,
    before as unknown as Resource | undefined,
    after as unknown as Resource,
  )

function placeOf(work: () => unknown): string | undefined {
  try {
    work()
    return undefined
  } catch (error) {
    if (error instanceof NotStorableError) return error.path
    throw error
  }
}

test('what the rows hold all of leaves nothing beside them', () => {
  expect(settled(patient)).toBeUndefined()
  expect(settled({ resourceType: 'Patient', telecom: patient['telecom'] })).toBeUndefined()
  expect(settled(patient, patient, undefined)).toBeUndefined()
  expect(settled({ ...patient, meta: { versionId: '7', lastUpdated: '2001-01-01T00:00:00Z' } })).toBeUndefined()
})

test('elements and items of the client’s own are kept', () => {
  const photo = [{ url: 'urn:p' }]
  expect(settled({ ...patient, photo, maritalStatus: { text: 'x' } })).toEqual({
    set: { maritalStatus: { text: 'x' } },
    items: { photo: { added: photo } },
  })
  const telecom = [
    { system: 'phone', value: '1' },
    { system: 'fax', value: '3' },
    { system: 'phone', value: '2' },
  ]
  expect(settled({ ...patient, telecom })?.items?.['telecom']?.added).toEqual(telecom.slice(1))
})

test('what is said of an item is kept with its value', () => {
  const telecom = [
    { system: 'phone', value: '1', use: 'mobile' },
    { system: 'email', value: 'a@example.org' },
  ]
  const inner = settled({ ...patient, telecom })?.items?.['telecom']?.inner
  expect(inner).toMatchObject([{ at: { like: { system: 'phone', value: '1' } }, beside: { set: { use: 'mobile' } } }])
})

test.each<[string, Json, string]>([
  ['a constant', { active: false }, 'active'],
  ['the source', { meta: { source: 'urn:x' } }, 'meta.source'],
  ['a source identifier', { identifier: [{ system: `${BASE}/sid/ward/patients`, value: '2' }] }, 'identifier[0].value'],
  ['what a rule owns and did not store', { birthDate: '1990-01-01' }, 'birthDate'],
  ['a modifier', { modifierExtension: [{ url: 'urn:x', valueBoolean: true }] }, 'modifierExtension'],
])('%s that is not so after the write is refused with its place', (_what, changed, place) => {
  expect(placeOf(() => settled({ ...patient, ...changed }))).toContain(`Patient.${place}`)
})

test('moments and numbers that say the same are the same', () => {
  const visit = {
    resourceType: 'Appointment',
    id: 'w-1',
    status: 'booked',
    start: '2025-03-01T10:00:00Z',
    participant: [],
  }
  const sent = { ...visit, start: '2025-03-01T12:00:00.000+02:00' }
  const settle = (given: Json) => lens('ward/visit').settle('', given as never, visit as never, visit as never)
  expect(settle(sent)).toBeUndefined()
  expect(placeOf(() => settle({ ...sent, start: '2025-03-01T12:00:01+02:00' }))).toBe('Appointment.start')
})
