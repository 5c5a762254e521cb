import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { type FhirServer, startFhirServer } from '../../support/fhir-server.ts'

let server: FhirServer
beforeAll(async () => {
  server = await startFhirServer()
})
afterAll(() => server.stop())

let count = 0
let value = ''
let where = ''
beforeEach(() => {
  value = `v${count++}`
  where = `Patient?identifier=urn:x|${value}`
})

const patient = (more: object = {}) => ({
  resourceType: 'Patient',
  identifier: [{ system: 'urn:x', value }],
  ...more,
})
const made = async (more: object = {}): Promise<string> =>
  (await server.send('POST', 'Patient', patient(more))).json['id' as never]
const patch = [{ op: 'add', path: '/active', value: true }]

test('a conditional update that nothing fits creates, as a POST does', async () => {
  const answer = await server.send('PUT', where, patient())
  const [id] = await server.ids(where)
  expect([answer.status, answer.headers.get('location')]).toEqual([
    201,
    `${server.origin}/fhir/R4/Patient/${id ?? ''}/_history/1`,
  ])
})

test('a conditional update that nothing fits takes the id of the resource, where it is free', async () => {
  expect((await server.send('PUT', where, patient({ id: `own-${value}` }))).status).toBe(201)
  expect(await server.ids(where)).toEqual([`own-${value}`])
  const other = await server.send('PUT', 'Patient?identifier=urn:x|other', patient({ id: `own-${value}` }))
  expect([other.status, await server.methods(`Patient/own-${value}`)]).toEqual([409, ['POST']])
})

test('a conditional update that one fits updates it, with its id or without', async () => {
  const id = await made()
  const first = await server.send('PUT', where, patient({ active: true }))
  const second = await server.send('PUT', where, patient({ id, active: false }))
  expect([first.status, first.headers.get('etag'), second.status, second.headers.get('etag')]).toEqual([
    ...[200, 'W/"2"', 200, 'W/"3"'],
  ])
  expect((await server.get(`Patient/${id}`)).json).toMatchObject({ id, active: false })
})

test('a conditional update with the id of another resource is refused', async () => {
  const id = await made()
  const { status, json } = await server.send('PUT', where, patient({ id: 'another' }))
  expect([status, json.issue?.[0]?.expression]).toEqual([400, ['Patient.id']])
  expect(await server.methods(`Patient/${id}`)).toEqual(['POST'])
})

test('a conditional patch changes the one that fits, and makes none', async () => {
  expect((await server.send('PATCH', where, patch)).status).toBe(404)
  const id = await made()
  expect((await server.send('PATCH', where, patch)).json).toMatchObject({ id, active: true })
})

test('a conditional delete takes the one that fits; where nothing fits there is nothing to do', async () => {
  const id = await made()
  expect((await server.send('DELETE', where)).status).toBe(204)
  expect((await server.get(`Patient/${id}`)).status).toBe(410)
  const again = await server.send('DELETE', where)
  expect([again.status, again.headers.get('etag')]).toEqual([204, null])
})

test.each(['PUT', 'PATCH', 'DELETE'])('a %s that several fit is refused and changes nothing', async (method) => {
  const ids = [await made(), await made()]
  const body = { PUT: patient(), PATCH: patch, DELETE: undefined }[method]
  const answer = await server.send(method, where, body)
  expect([answer.status, answer.json.resourceType]).toEqual([412, 'OperationOutcome'])
  for (const id of ids) expect(await server.methods(`Patient/${id}`)).toEqual(['POST'])
})

test.each(['PUT', 'PATCH', 'DELETE'])('a %s with If-Match holds for the one that fits', async (method) => {
  await made()
  const body = { PUT: patient({ active: true }), PATCH: patch, DELETE: undefined }[method]
  expect((await server.send(method, where, body, { 'If-Match': 'W/"2"' })).status).toBe(412)
  expect((await server.send(method, where, body, { 'If-Match': 'W/"1"' })).status).toBeLessThan(300)
})

test.each(['Patient', 'Patient?', 'Patient?_format=json', 'Patient?colour=red', 'Patient?identifier='])(
  'a delete of %s names no condition and deletes nothing',
  async (address) => {
    const before = await server.store.versions.countDocuments()
    expect((await server.send('DELETE', address)).status).toBe(400)
    expect(await server.store.versions.countDocuments()).toBe(before)
  },
)

test.each([
  ['conditional updates', () => server.send('PUT', where, patient())],
  [
    'conditional creates',
    () => server.send('POST', 'Patient', patient(), { 'If-None-Exist': where.split('?')[1] ?? '' }),
  ],
])('64 parallel %s of one identity give one 201 and one resource', async (_what, write) => {
  const answers = await Promise.all(Array.from({ length: 64 }, () => write()))
  expect(answers.map(({ status }) => status).sort()).toEqual([...Array.from({ length: 63 }, () => 200), 201])
  const [id, ...others] = await server.ids(where)
  expect([others, await server.methods(`Patient/${id ?? ''}`)]).toEqual([[], ['POST']])
})

test('a condition may follow references, and one that waits for the same makes no second', async () => {
  const about = await made()
  const observation = {
    resourceType: 'Observation',
    status: 'final',
    code: { text: 'x' },
    subject: { reference: `Patient/${about}` },
  }
  const through = `patient.identifier=urn:x|${value}`
  const headers = { 'If-None-Exist': `${through}&status=final` }
  const created = await Promise.all(
    Array.from({ length: 8 }, () => server.send('POST', 'Observation', observation, headers)),
  )
  expect(created.map(({ status }) => status).sort()).toEqual([...Array.from({ length: 7 }, () => 200), 201])
  const amended = await server.send('PUT', `Observation?${through}`, { ...observation, status: 'amended' })
  expect([amended.status, amended.headers.get('etag')]).toEqual([200, 'W/"2"'])
  const has = `_has:Observation:patient:status=amended&identifier=urn:x|${value}`
  expect((await server.send('PUT', `Patient?${has}`, patient({ active: true }))).status).toBe(200)
  expect((await server.get(`Patient/${about}`)).json).toMatchObject({ id: about, active: true })
  const reference = { ...observation, subject: { reference: `Patient?${has}` } }
  const entry = [{ resource: reference, request: { method: 'POST', url: 'Observation' } }]
  const { status } = await server.send('POST', '', { resourceType: 'Bundle', type: 'transaction', entry })
  expect([status, (await server.ids(`Observation?${through}`)).length]).toEqual([200, 2])
  expect((await server.send('DELETE', `Observation?${through}&status=amended`)).status).toBeLessThan(300)
  const include = await server.send('PUT', `Patient?identifier=urn:x|${value}&_include=*`, patient())
  expect(include.status).toBe(400)
})
