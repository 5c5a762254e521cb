/** What a write leaves in the columns beside the values themselves: their kinds, and constants sent in part. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import type { Resource } from '@medplum/fhirtypes'
import { NotStorableError } from '../../src/mapping/errors.ts'
import type { Lens, LensContext, Row } from '../../src/mapping/lens.ts'
import { loadSystems } from '../../src/mapping/load.ts'

const BASE = 'https://interop.example.org'
const folder = mkdtempSync(join(tmpdir(), 'put-'))
mkdirSync(join(folder, 'clinic'))
afterAll(() => rmSync(folder, { recursive: true }))

const files: Readonly<Record<string, string>> = {
  'system.yaml': 'system: clinic\ntitle: Clinic\nid-prefix: clinic-\nkeys: { visits: id, people: id, wards: code }\n',
  'columns.yaml': `visits: { id: key integer, person: ref people, ward: ref wards, place: integer, note: text }
people: { id: key integer }
wards: { code: key }
`,
  'codes.yaml': '{}\n',
  'person.yaml': 'mapping: clinic/person\nresource: Patient\nsource: { collection: people, alias: p }\nrules: []\n',
  'ward.yaml': 'mapping: clinic/ward\nresource: Location\nsource: { collection: wards, alias: w }\nrules: []\n',
  'visit.yaml': `mapping: clinic/visit
resource: Encounter
source: { collection: visits, alias: v }
rules:
  - { fhir: class, value: { system: http://terminology.hl7.org/CodeSystem/v3-ActCode, code: AMB, display: ambulatory } }
  - { fhir: subject, field: v.person, codec: reference, to: clinic/person }
  - { fhir: "location[0].location", field: v.ward, codec: reference, to: clinic/ward }
  - { fhir: "identifier[system=IB/sid/clinic/place].value", field: v.place }
  - { fhir: "reasonCode[0].text", field: v.note }
`,
}
for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, 'clinic', name), text)
const { systems, errors } = loadSystems(folder, { base: BASE })
const context: LensContext = { base: BASE, timeZone: 'UTC', has: () => true, warn: () => undefined }

test('the little clinic has no mistake', () => {
  expect(errors).toEqual([])
})

function put(row: Row, elements: object): unknown {
  const lens = systems[0]?.lenses.find(({ name }) => name === 'clinic/visit') as Lens
  const resource = { resourceType: 'Encounter', status: 'unknown', ...elements } as unknown as Resource
  return lens.put(lens.blank('', { v: row }), resource, context)['v']
}

const elements = {
  subject: { reference: 'Patient/clinic-12' },
  location: [{ location: { reference: 'Location/clinic-7' } }],
  identifier: [{ system: `${BASE}/sid/clinic/place`, value: '3' }],
  reasonCode: [{ text: '5' }],
}

test('a whole number goes into an empty column as a number, a key that is text as text', () => {
  expect(put({ id: 1 }, elements)).toEqual({ id: 1, person: 12, ward: '7', place: 3, note: '5' })
})

test('a column that holds text keeps text', () => {
  const row = { id: 1, person: '11', ward: '6', place: '2', note: 4 }
  expect(put(row, elements)).toEqual({ id: 1, person: '12', ward: '7', place: '3', note: 5 })
})

test('what is no number stays what it is', () => {
  const place = [{ system: `${BASE}/sid/clinic/place`, value: '03' }]
  expect(put({ id: 1 }, { identifier: place })).toEqual({ id: 1, place: '03' })
})

test('a constant may be sent in part, and not as another', () => {
  const coding = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' }
  expect(put({ id: 1 }, { class: coding })).toEqual({ id: 1 })
  expect(() => put({ id: 1 }, { class: { ...coding, code: 'VR' } })).toThrow(NotStorableError)
})
