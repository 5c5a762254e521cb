import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { decimal } from '../../../src/r4/json.ts'
import { type FhirServer, startFhirServer } from '../../support/fhir-server.ts'

let server: FhirServer
beforeAll(async () => {
  server = await startFhirServer()
})
afterAll(() => server.stop())

const patient = { resourceType: 'Patient', name: [{ family: 'Okafor' }] }

test('a create is answered 201 with where it is, which version, when, and the resource', async () => {
  const before = Math.floor(Date.now() / 1000) * 1000
  const answer = await server.send('POST', 'Patient', { ...patient, id: 'mine', meta: { versionId: '7' } })
  expect(answer.status).toBe(201)
  const { id, meta } = answer.json as unknown as { id: string; meta: { versionId: string; lastUpdated: string } }
  expect(id).not.toBe('mine')
  expect(answer.headers.get('location')).toBe(`${server.origin}/fhir/R4/Patient/${id}/_history/1`)
  expect(answer.headers.get('etag')).toBe('W/"1"')
  expect(answer.headers.get('content-type')).toBe('application/fhir+json; charset=utf-8')
  const modified = Date.parse(answer.headers.get('last-modified') ?? '')
  expect(modified).toBeGreaterThanOrEqual(before)
  expect(modified).toBe(Math.floor(Date.parse(meta.lastUpdated) / 1000) * 1000)
  expect(answer.json).toMatchObject({ ...patient, meta: { versionId: '1' } })
  expect((await server.get(`Patient/${id}`)).text).toBe(answer.text)
  expect((await server.get(`Patient/${id}/_history/1`)).text).toBe(answer.text)
  expect(await server.ids(`Patient?_id=${id}&family=okafor`)).toEqual([id])
})

test('a version remembers who wrote it, and the outbox that something follows', async () => {
  const { json } = await server.send('POST', 'Basic', { resourceType: 'Basic', code: { text: 'x' } })
  const id = `default/Basic/${(json as unknown as { id: string }).id}`
  expect(await server.store.versions.findOne({ _id: `${id}/0000000001` })).toMatchObject({
    method: 'POST',
    by: 'anonymous',
  })
  expect(await server.store.outbox.find({ 'changes.id': id }).toArray()).toMatchObject([
    { changes: [{ id, v: 1, method: 'POST' }] },
  ])
})

test('Prefer says how much comes back', async () => {
  const answer = async (prefer: string) => server.send('POST', 'Patient', patient, { Prefer: prefer })
  const minimal = await answer('return=minimal')
  expect([minimal.status, minimal.text, minimal.headers.get('content-type')]).toEqual([201, '', null])
  expect(minimal.headers.get('location')).toMatch(/\/fhir\/R4\/Patient\/[^/]+\/_history\/1$/)
  expect(minimal.headers.get('etag')).toBe('W/"1"')
  expect((await answer('return=representation')).json.resourceType).toBe('Patient')
  expect((await answer('handling=lenient; return=OperationOutcome')).json).toMatchObject({
    resourceType: 'OperationOutcome',
    issue: [{ severity: 'information', diagnostics: 'The resource was created.' }],
  })
})

test('numbers keep their digits', async () => {
  const sent = {
    resourceType: 'Observation',
    status: 'final',
    code: { text: 'x' },
    valueQuantity: { value: decimal('1.00') },
  }
  const answer = await server.send('POST', 'Observation', sent)
  const { id } = answer.json as unknown as { id: string }
  for (const path of [`Observation/${id}`, `Observation/${id}/_history/1`, `Observation?_id=${id}`]) {
    expect((await server.get(path)).text).toContain('"valueQuantity":{"value":1.00}')
  }
})

test('an invalid structure is refused with everything that is wrong and where', async () => {
  const sent = { resourceType: 'Patient', gender: 7, colour: 'red', name: [{ family: ['x'] }], birthDate: '1990-02-30' }
  const { status, json } = await server.send('POST', 'Patient', sent)
  expect(status).toBe(400)
  const places = json.issue?.map(({ severity, code, expression }) => [severity, code, expression?.[0]])
  expect(places?.map(([, , path]) => path).sort()).toEqual([
    'Patient.birthDate',
    'Patient.colour',
    'Patient.gender',
    'Patient.name[0].family',
  ])
  expect(places?.every(([severity]) => severity === 'error')).toBe(true)
  expect(json.issue?.map(({ diagnostics }) => diagnostics).join()).not.toMatch(/red|1990/)
  expect(await server.ids('Patient?birthdate=1990-02-28,1990-03-01,1990-03-02')).toEqual([])
})

test.each([
  ['another type than the address names', { resourceType: 'Observation' }, {}, 400],
  ['no resource', '[]', {}, 400],
  ['null', 'null', {}, 400],
  ['no JSON', '{"resourceType":"Patient"', {}, 400],
  ['a name twice', '{"resourceType":"Patient","gender":"male","gender":"female"}', {}, 400],
  ['nothing', undefined, {}, 415],
  ['an empty body', '', {}, 400],
  ['XML', '<Patient/>', { 'Content-Type': 'application/fhir+xml' }, 415],
  ['text', '{"resourceType":"Patient"}', { 'Content-Type': 'text/plain' }, 415],
  ['a form', 'family=x', { 'Content-Type': 'application/x-www-form-urlencoded' }, 415],
  ['a patch', '[]', { 'Content-Type': 'application/json-patch+json' }, 415],
  ['another charset', '{"resourceType":"Patient"}', { 'Content-Type': 'application/fhir+json; charset=latin1' }, 415],
  ['an unknown encoding', '{"resourceType":"Patient"}', { 'Content-Encoding': 'brr' }, 415],
  ['JSON', '{"resourceType":"Patient"}', { 'Content-Type': 'application/json' }, 201],
  ['UTF-8 in quotes', '{"resourceType":"Patient"}', { 'Content-Type': 'application/fhir+json; charset="UTF-8"' }, 201],
  ['a FHIR version', '{"resourceType":"Patient"}', { 'Content-Type': 'application/fhir+json; fhirVersion=4.0' }, 201],
])('a body that is %s', async (_what, body, headers, status) => {
  const answer = await server.send('POST', 'Patient', body, headers)
  expect([answer.status, answer.json.resourceType]).toEqual([status, status === 201 ? 'Patient' : 'OperationOutcome'])
})

test('what is too large is not read', async () => {
  const answer = await server.send('POST', 'Patient', { ...patient, language: 'x'.repeat(17 << 20) })
  expect([answer.status, answer.json.issue?.[0]?.code]).toEqual([413, 'too-costly'])
})

test.each(['Nonsense', 'Patient?colour=red', 'Resource'])('a create at %s is refused', async (path) => {
  expect((await server.send('POST', path, patient)).status).toBe(path === 'Patient?colour=red' ? 400 : 404)
})

test('If-None-Exist makes one when there is none, gives the one there is, and refuses where there are more', async () => {
  const sent = { ...patient, identifier: [{ system: 'urn:x', value: 'unless' }] }
  const create = () => server.send('POST', 'Patient', sent, { 'If-None-Exist': 'identifier=urn:x|unless' })
  const first = await create()
  expect(first.status).toBe(201)
  const second = await create()
  expect([second.status, second.text, second.headers.get('etag')]).toEqual([200, first.text, 'W/"1"'])
  await server.send('POST', 'Patient', sent)
  expect((await create()).status).toBe(412)
  expect((await server.ids('Patient?identifier=urn:x|unless')).length).toBe(2)
})

test.each(['', '?', 'colour=red', '_count=1', 'birthdate=ab'])(
  'a condition that says nothing sure (%j) creates nothing',
  async (condition) => {
    const before = await server.store.resources.countDocuments()
    expect((await server.send('POST', 'Patient', patient, { 'If-None-Exist': condition })).status).toBe(400)
    expect(await server.store.resources.countDocuments()).toBe(before)
  },
)

test('a condition may come behind the type or its whole address, as clients send it, and behind no other', async () => {
  const query = 'identifier=urn:x|addressed'
  const sent = { ...patient, identifier: [{ system: 'urn:x', value: 'addressed' }] }
  const statusOf = async (condition: string) =>
    (await server.send('POST', 'Patient', sent, { 'If-None-Exist': condition })).status
  const places = ['Patient?', '?', `${server.origin}/fhir/R4/Patient?`, 'Person?', 'https://elsewhere.example/Patient?']
  const statuses = []
  for (const place of places) statuses.push(await statusOf(place + query))
  expect(statuses).toEqual([201, 200, 200, 400, 400])
})

test('of 64 who create the same at once, one wins and all are given what it made', async () => {
  const sent = { ...patient, identifier: [{ system: 'urn:x', value: 'race' }] }
  const answers = await Promise.all(
    Array.from({ length: 64 }, () =>
      server.send('POST', 'Patient', sent, { 'If-None-Exist': 'identifier=urn:x|race' }),
    ),
  )
  const statuses = answers.map(({ status }) => status).sort()
  expect(statuses).toEqual([...Array.from({ length: 63 }, () => 200), 201])
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
  expect((await server.ids('Patient?identifier=urn:x|race')).length).toBe(1)
})
