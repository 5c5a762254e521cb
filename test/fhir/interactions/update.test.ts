import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { decimal } from '../../../src/r4/json.ts'
import { type FhirServer, startFhirServer } from '../../support/fhir-server.ts'

let server: FhirServer
beforeAll(async () => {
  server = await startFhirServer()
  await server.send('PUT', 'Patient/there', { resourceType: 'Patient', id: 'there', active: true })
})
afterAll(() => server.stop())

const patient = (id: string, more: object = {}) => ({ resourceType: 'Patient', id, ...more })

test('an update makes the next version', async () => {
  await server.send('PUT', 'Patient/next', patient('next', { active: true }))
  const answer = await server.send('PUT', 'Patient/next', patient('next', { active: false }))
  expect([answer.status, answer.headers.get('etag'), answer.headers.get('location')]).toEqual([200, 'W/"2"', null])
  expect(answer.json).toMatchObject({ active: false, meta: { versionId: '2' } })
  expect((await server.get('Patient/next')).text).toBe(answer.text)
  expect((await server.get('Patient/next/_history/1')).json).toMatchObject({ active: true })
  const { json } = await server.get('Patient/next/_history')
  expect(json.entry?.map(({ request, response }) => [request?.method, response?.status, response?.etag])).toEqual([
    ['PUT', '200', 'W/"2"'],
    ['POST', '201', 'W/"1"'],
  ])
})

test('an update of what was not there creates it under that id', async () => {
  const answer = await server.send('PUT', 'Patient/A-1.b', patient('A-1.b'))
  expect([answer.status, answer.headers.get('etag')]).toEqual([201, 'W/"1"'])
  expect(answer.headers.get('location')).toBe(`${server.origin}/fhir/R4/Patient/A-1.b/_history/1`)
  expect((await server.get('Patient/A-1.b')).text).toBe(answer.text)
})

test('equal content makes no version, whatever its meta says of versions', async () => {
  const first = await server.send('PUT', 'Patient/same', patient('same', { name: [{ text: 'x' }] }))
  const again = await server.send('PUT', 'Patient/same', first.text)
  expect([again.status, again.headers.get('etag'), again.text]).toEqual([200, 'W/"1"', first.text])
  const other = patient('same', {
    meta: { versionId: '9', lastUpdated: '2001-01-01T00:00:00Z' },
    name: [{ text: 'x' }],
  })
  const told = await server.send('PUT', 'Patient/same', other, { Prefer: 'return=OperationOutcome' })
  expect(told.json.issue?.[0]?.diagnostics).toBe('Nothing changed.')
  expect(await server.methods('Patient/same')).toEqual(['POST'])
  expect(await server.store.outbox.countDocuments({ 'changes.id': 'default/Patient/same' })).toBe(1)
})

test('another count of digits is another content', async () => {
  const weight = (value: string) => ({
    resourceType: 'Observation',
    id: 'w',
    status: 'final',
    code: { text: 'weight' },
    valueQuantity: { value: decimal(value) },
  })
  await server.send('PUT', 'Observation/w', weight('37.1'))
  expect((await server.send('PUT', 'Observation/w', weight('37.10'))).headers.get('etag')).toBe('W/"2"')
  expect((await server.get('Observation/w')).text).toContain('"value":37.10')
})

test('what the client says in meta of profiles, tags and labels stays', async () => {
  const meta = { profile: ['urn:p'], tag: [{ code: 't' }], security: [{ code: 's' }], source: 'urn:s' }
  const { json } = await server.send('PUT', 'Patient/meta', patient('meta', { meta }))
  expect(json).toMatchObject({ meta: { ...meta, versionId: '1' } })
})

test.each([
  ['another id', '/there', { resourceType: 'Patient', id: 'here' }, 'Patient.id'],
  ['no id', '/there', { resourceType: 'Patient' }, 'Patient.id'],
  ['another type', '/there', { resourceType: 'Basic', id: 'there', code: {} }, 'resourceType'],
  ['an unknown element', '/there', { resourceType: 'Patient', id: 'there', colour: 'red' }, 'Patient.colour'],
  ['an id that is none', '/a_b', { resourceType: 'Patient', id: 'a_b' }, undefined],
])('%s is refused', async (_what, path, body, expression) => {
  const { status, json } = await server.send('PUT', `Patient${path}`, body)
  expect([status, json.issue?.[0]?.expression?.[0]]).toEqual([400, expression])
  expect((await server.get('Patient/there')).headers.get('etag')).toBe('W/"1"')
})

test('If-Match lets a write through only where the version is the one named', async () => {
  const put = async (match: string, id = 'match') =>
    (await server.send('PUT', `Patient/${id}`, patient(id, { name: [{ text: match }] }), { 'If-Match': match })).status
  await server.send('PUT', 'Patient/match', patient('match'))
  expect(await put('W/"1"')).toBe(200)
  expect(await put('W/"1"')).toBe(412)
  expect(await put('"2"')).toBe(200)
  for (const bad of ['3', 'W/3', 'W/"x"', 'W/"0"', '""', 'W/"3", W/"4"'])
    expect([bad, await put(bad)]).toEqual([bad, 412])
  expect(await put('W/"1"', 'nobody')).toBe(412)
  expect((await server.get('Patient/nobody')).status).toBe(404)
  expect(await server.methods('Patient/match')).toEqual(['POST', 'PUT', 'PUT'])
})

test('of many who write over the same version, one wins and the rest are told', async () => {
  await server.send('PUT', 'Patient/raced', patient('raced'))
  const answers = await Promise.all(
    Array.from({ length: 16 }, (_, n) =>
      server.send('PUT', 'Patient/raced', patient('raced', { multipleBirthInteger: n }), { 'If-Match': 'W/"1"' }),
    ),
  )
  expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array.from({ length: 15 }, () => 412)])
  expect(await server.methods('Patient/raced')).toEqual(['POST', 'PUT'])
})

test('of many who write at once without a condition, each is kept as a version', async () => {
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, n) =>
      server.send('PUT', 'Patient/crowd', patient('crowd', { multipleBirthInteger: n })),
    ),
  )
  const tags = answers.map(({ headers }) => Number(headers.get('etag')?.replace(/\D/g, ''))).sort((a, b) => a - b)
  expect(tags).toEqual(Array.from({ length: 12 }, (_, n) => n + 1))
  expect(answers.filter(({ status }) => status === 201).length).toBe(1)
})

test('what was deleted can be written again, and goes on counting', async () => {
  await server.send('PUT', 'Patient/back', patient('back'))
  await server.send('DELETE', 'Patient/back')
  const answer = await server.send('PUT', 'Patient/back', patient('back'))
  expect([answer.status, answer.headers.get('etag')]).toEqual([201, 'W/"3"'])
  expect(await server.methods('Patient/back')).toEqual(['POST', 'DELETE', 'PUT'])
})
