/** What a rule may say of empty columns, of several rules for one element, of list items, and in which order it writes. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import type { Appointment, Observation, Resource } from '@medplum/fhirtypes'
import type { Lens, LensContext, Part, Row } from '../../src/mapping/lens.ts'
import { loadSystems } from '../../src/mapping/load.ts'

const BASE = 'https://interop.example.org'
const folder = mkdtempSync(join(tmpdir(), 'rules-'))
mkdirSync(join(folder, 'clinic'))
afterAll(() => rmSync(folder, { recursive: true }))

const files: Readonly<Record<string, string>> = {
  'system.yaml': 'system: clinic\ntitle: Clinic\nid-prefix: clinic-\nkeys: { visits: id, people: id, doctors: id }\n',
  'columns.yaml': `visits: { id: key, person: ref people, doctor: ref people, state: text, reason: text, kinds: "text[]", upper: integer, lower: integer }
people: { id: key, role: text, name: text, login: text }
doctors: { id: key }
`,
  'codes.yaml':
    'state:\n  else: [pending, needs-action]\n  codes: { open: [booked, accepted], off: [cancelled, declined] }\n',
  'person.yaml': `mapping: clinic/person
resource: Patient
source: { collection: people, alias: p, where: { p.role: { not: [doctor, nurse] } } }
rules: []
not-mapped: { internal: [p.role] }
`,
  'doctor.yaml':
    'mapping: clinic/doctor\nresource: Practitioner\nsource: { collection: doctors, alias: d }\nrules: []\n',
  'visit.yaml': `mapping: clinic/visit
resource: Appointment
source: { collection: visits, alias: v }
rules:
  - { fhir: [status, "participant[actor=Patient].status"], field: v.state, codec: code, table: state, empty: [proposed, needs-action] }
  - { fhir: cancelationReason, field: v.reason, codec: concept-text, when: { v.state: off } }
  - { fhir: comment, value: called off, when: { v.state: off }, only: read, why: "the state says it" }
  - { fhir: comment, value: still to come, when: { v.state: { not: off } }, only: read, why: "the state says it" }
  - { fhir: "participant[actor=Patient].actor", field: v.person, codec: reference, to: clinic/person, absent: unknown }
  - { fhir: "participant[actor=Practitioner].actor", fields: [v.doctor, v.doctor], codec: reference, to: [ clinic/doctor, { mapping: clinic/doctor, mark: d- } ] }
not-mapped: { elsewhere: [v.kinds, v.upper, v.lower] }
`,
  'member.yaml': `mapping: clinic/member
resource: Person
source: { collection: people, alias: p }
rules:
  - { fhir: "name[0].text", field: p.name }
  - { fhir: "name[0].text", field: p.login, only: create, why: "they sign in by the name they had" }
  - { fhir: gender, field: p.role }
`,
  'reading.yaml': `mapping: clinic/reading
resource: Observation
source: { collection: visits, alias: v }
rules:
  - { fhir: "component[code.coding.code=upper].code", value: { coding: [ { code: upper } ] }, with: v.upper }
  - { fhir: "component[code.coding.code=upper].valueInteger", field: v.upper, codec: integer }
  - { fhir: "component[code.coding.code=lower].valueInteger", field: v.lower, codec: integer }
  - { fhir: "component[code.text=kind][].valueString", field: v.kinds, codec: list-of, of: text }
  - { fhir: "extension[url=place].extension[url=x].valueString", field: v.reason }
`,
}
for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, 'clinic', name), text)
const { systems, errors } = loadSystems(folder, { base: BASE })

function lens(name: string): Lens {
  return systems[0]?.lenses.find((each) => each.name === `clinic/${name}`) as Lens
}

function contextWith(...exist: string[]): LensContext {
  return { base: BASE, timeZone: 'UTC', has: (reference) => exist.includes(reference), warn: () => undefined }
}

function partOf(name: string, row: Row): Part {
  const made = lens(name)
  return made.parts({ [made.alias]: row }, { base: BASE })[0] as Part
}

function read(name: string, row: Row, ...exist: string[]): Resource {
  return lens(name).get(partOf(name, row), contextWith(...exist)) as Resource
}

function written(name: string, row: Row, edit: (resource: never) => object, ...exist: string[]): unknown {
  const context = contextWith(...exist)
  const part = partOf(name, row)
  const resource = JSON.parse(JSON.stringify(lens(name).get(part, context))) as never
  return lens(name).put(part, edit(resource) as Resource, context)['v']
}

const scheduled = { id: '1', person: '7', state: 'open', reason: null }
const people = ['Patient/clinic-7']

test('the mappings of this test load', () => {
  expect(errors.map(({ message }) => message)).toEqual([])
})

test('not: everything else, an empty column included', () => {
  const parts = (role: unknown) => lens('person').parts({ p: { id: '7', role } }, { base: BASE }).length
  expect(['nurse', 'Doctor', 'patient', '', null, undefined].map(parts)).toEqual([0, 0, 1, 1, 1, 1])
})

test('empty: what FHIR says of an empty column, which it empties when sent back', () => {
  expect((read('visit', { ...scheduled, state: null }, ...people) as Appointment).status).toBe('proposed')
  expect((read('visit', { ...scheduled, state: 'odd' }, ...people) as Appointment).status).toBe('pending')
  const answers = { status: 'proposed', participant: [{ actor: { reference: people[0] }, status: 'needs-action' }] }
  expect(written('visit', scheduled, (sent: Appointment) => ({ ...sent, ...answers }), ...people)).toEqual({
    ...scheduled,
    state: null,
  })
})

test('two rules with conditions give one element', () => {
  expect((read('visit', scheduled, ...people) as Appointment).comment).toBe('still to come')
  expect((read('visit', { ...scheduled, state: 'off' }, ...people) as Appointment).comment).toBe('called off')
})

test('a rule finds what the rules before it wrote', () => {
  const off = {
    status: 'cancelled',
    cancelationReason: { text: 'ill' },
    participant: [{ actor: { reference: people[0] }, status: 'declined' }],
  }
  expect(written('visit', scheduled, (sent: Appointment) => ({ ...sent, ...off }), ...people)).toEqual({
    ...scheduled,
    state: 'off',
    reason: 'ill',
  })
})

test('an absent reference still says its type, so that its item is found again', () => {
  const row = { ...scheduled, person: null }
  const [participant] = (read('visit', row) as Appointment).participant
  expect(participant?.actor).toMatchObject({ type: 'Patient', extension: [{ valueCode: 'unknown' }] })
  const part = partOf('visit', row)
  expect(lens('visit').put(part, read('visit', row), contextWith())).toBe(part.rows)
})

test('a reference is written back by the mark of its key', () => {
  const to = (reference: string) =>
    written('visit', { ...scheduled, doctor: '8' }, (sent: Appointment) => ({
      ...sent,
      participant: [...sent.participant.slice(0, 1), { actor: { reference } }],
    }))
  expect(to('Practitioner/clinic-9')).toMatchObject({ doctor: '9' })
  expect(to('Practitioner/clinic-d-9')).toMatchObject({ doctor: '9' })
})

test('list items are told apart by what is inside them, wherever they stand', () => {
  const row = { id: '1', upper: 120, lower: 80, kinds: ['a', 'b'], reason: 'here' }
  const resource = read('reading', row) as Observation
  expect(resource.component).toEqual([
    { code: { coding: [{ code: 'upper' }] }, valueInteger: 120 },
    { code: { coding: [{ code: 'lower' }] }, valueInteger: 80 },
    { code: { text: 'kind' }, valueString: 'a' },
    { code: { text: 'kind' }, valueString: 'b' },
  ])
  expect(resource.extension).toEqual([
    { url: `${BASE}/StructureDefinition/place`, extension: [{ url: 'x', valueString: 'here' }] },
  ])
  const turned = (sent: Observation) => ({ ...sent, component: [...(sent.component ?? [])].reverse().slice(1) })
  expect(written('reading', row, turned)).toEqual({ ...row, kinds: ['a'] })
})

test('only: create is written into new rows and never again', () => {
  const member = lens('member')
  const sent = { resourceType: 'Person', gender: 'female', name: [{ text: 'Ann' }] } as Resource
  const made = member.put(member.blank('', { p: { id: '7' } }), sent, contextWith())['p'] as Row
  expect(made).toEqual({ id: '7', role: 'female', name: 'Ann', login: 'Ann' })
  const renamed = { ...sent, name: [{ text: 'Anna' }] } as Resource
  expect(member.put(partOf('member', made), renamed, contextWith())['p']).toEqual({ ...made, name: 'Anna' })
})

test('a key that starts with a bracket, and is no list, is a key', () => {
  const { participant } = read('visit', { id: 'v-1', person: '[' }) as Appointment
  expect(participant[0]?.actor).toEqual({
    type: 'Patient',
    identifier: { system: `${BASE}/sid/clinic/people`, value: '[' },
  })
})
