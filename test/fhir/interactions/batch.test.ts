import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type FhirServer, startFhirServer } from '../../support/fhir-server.ts'
import { validationErrors } from '../../support/validate.ts'

let server: FhirServer
beforeAll(async () => {
  server = await startFhirServer()
})
afterAll(() => server.stop())

const send = (...entry: readonly unknown[]) => server.send('POST', '', { resourceType: 'Bundle', type: 'batch', entry })
const patient = (more: object = {}) => ({ resourceType: 'Patient', ...more })
const put = (id: string, more: object = {}, request: object = {}) => ({
  resource: patient({ id, ...more }),
  request: { method: 'PUT', url: `Patient/${id}`, ...request },
})

test('each entry of a batch is done by itself, and answered in its place', async () => {
  const { status, json } = await send(
    put('a'),
    { resource: patient({ gender: 7 }), request: { method: 'POST', url: 'Patient' } },
    { request: { method: 'GET', url: 'Patient/a' } },
    put('a', { active: true }, { ifMatch: 'W/"7"' }),
    { request: { method: 'GET', url: `${server.origin}/fhir/R4/Patient?_id=a` } },
    { request: { method: 'DELETE', url: 'Patient/a' } },
    { request: { method: 'GET', url: 'Patient/a' } },
  )
  expect([status, json.resourceType, (json as { type?: string }).type]).toEqual([200, 'Bundle', 'batch-response'])
  expect(validationErrors(json as never)).toEqual([])
  expect(json.entry?.map(({ response }) => response?.status)).toEqual(['201', '400', '200', '412', '200', '204', '410'])
  const [made, invalid, read, , found] = json.entry ?? []
  expect(made?.response).toMatchObject({ etag: 'W/"1"', location: `${server.origin}/fhir/R4/Patient/a/_history/1` })
  expect(made?.response?.lastModified).toMatch(/Z$/)
  const issue = [{ severity: 'error', expression: ['Patient.gender'] }]
  expect(invalid).toMatchObject({ response: { outcome: { resourceType: 'OperationOutcome', issue } } })
  expect(read?.resource).toEqual(made?.resource)
  expect(found?.resource).toMatchObject({ resourceType: 'Bundle', type: 'searchset', total: 1 })
})

test('entries are commits of their own', async () => {
  const before = await server.store.outbox.countDocuments()
  await send(put('b'), put('c'), put('d', { gender: 7 }))
  expect(await server.store.outbox.countDocuments()).toBe(before + 2)
})

test.each([
  ['no method', { request: { url: 'Patient/a' } }],
  ['no address', { request: { method: 'POST' }, resource: patient() }],
  ['another bundle', { request: { method: 'POST', url: '' }, resource: { resourceType: 'Bundle', type: 'batch' } }],
  ['an address elsewhere', { request: { method: 'GET', url: 'https://else.example.org/Patient/1' } }],
  ['a broken address', { request: { method: 'GET', url: 'Patient/%' } }],
])('an entry with %s is no request, and the others are done', async (_what, entry) => {
  const { status, json } = await send(entry, put('e'))
  if (status === 200) expect(json.entry?.map(({ response }) => response?.status?.[0])).toEqual(['4', '2'])
  else expect([status, json.resourceType]).toEqual([400, 'OperationOutcome'])
})

test('conditional entries work as the requests they are', async () => {
  const where = 'Patient?identifier=urn:x|once'
  const sent = { resource: patient({ identifier: [{ system: 'urn:x', value: 'once' }] }) }
  const { json } = await send(
    { ...sent, request: { method: 'POST', url: 'Patient', ifNoneExist: 'identifier=urn:x|once' } },
    { ...sent, request: { method: 'POST', url: 'Patient', ifNoneExist: 'identifier=urn:x|once' } },
    { ...sent, request: { method: 'PUT', url: where } },
    { request: { method: 'DELETE', url: where } },
    { request: { method: 'GET', url: where } },
  )
  expect(json.entry?.map(({ response }) => response?.status)).toEqual(['201', '200', '200', '204', '200'])
  expect(json.entry?.[4]?.resource).toMatchObject({ total: 0 })
})

test('numbers keep their digits in a batch', async () => {
  const text = JSON.stringify({
    resourceType: 'Bundle',
    type: 'batch',
    entry: [
      {
        request: { method: 'POST', url: 'Observation' },
        resource: { resourceType: 'Observation', status: 'final', code: { text: 'w' }, valueQuantity: { value: 77 } },
      },
    ],
  })
  expect((await server.send('POST', '', text.replace('77', '77.00'))).text).toContain('"value":77.00')
})

test('more entries than are taken are refused', async () => {
  const answer = await send(...Array.from({ length: 1001 }, (_, n) => put(`many-${n}`)))
  expect([answer.status, answer.json.issue?.[0]?.expression]).toEqual([413, ['Bundle.entry']])
})
