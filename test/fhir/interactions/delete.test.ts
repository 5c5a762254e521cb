import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type FhirServer, startFhirServer } from '../../support/fhir-server.ts'

let server: FhirServer
beforeAll(async () => {
  server = await startFhirServer()
})
afterAll(() => server.stop())

const put = (id: string) => server.send('PUT', `Patient/${id}`, { resourceType: 'Patient', id, active: true })

test('what is deleted is gone from reads and searches, and stays in its history', async () => {
  await put('a')
  const answer = await server.send('DELETE', 'Patient/a')
  expect([answer.status, answer.text, answer.headers.get('etag')]).toEqual([204, '', 'W/"2"'])
  const read = await server.get('Patient/a')
  expect([read.status, read.json.issue?.[0]?.code]).toEqual([410, 'deleted'])
  expect(await server.ids('Patient?_id=a')).toEqual([])
  expect((await server.get('Patient/a/_history/1')).json).toMatchObject({ active: true })
  const { json } = await server.get('Patient/a/_history')
  expect(json.entry?.map(({ request, resource }) => [request?.method, resource?.id])).toEqual([
    ['DELETE', undefined],
    ['POST', 'a'],
  ])
  expect(
    await server.store.outbox.findOne({ changes: { $elemMatch: { id: 'default/Patient/a', v: 2 } } }),
  ).toMatchObject({
    changes: [{ method: 'DELETE' }],
  })
})

test('deleting twice changes nothing and is no mistake', async () => {
  await put('b')
  await server.send('DELETE', 'Patient/b')
  const again = await server.send('DELETE', 'Patient/b')
  expect([again.status, again.headers.get('etag')]).toEqual([204, 'W/"2"'])
  expect(await server.methods('Patient/b')).toEqual(['POST', 'DELETE'])
})

test('what never was is not found', async () => {
  expect((await server.send('DELETE', 'Patient/never')).status).toBe(404)
  expect((await server.get('Patient/never')).status).toBe(404)
})

test('If-Match holds for deletes', async () => {
  await put('c')
  expect((await server.send('DELETE', 'Patient/c', undefined, { 'If-Match': 'W/"2"' })).status).toBe(412)
  expect((await server.get('Patient/c')).status).toBe(200)
  expect((await server.send('DELETE', 'Patient/c', undefined, { 'If-Match': 'W/"1"' })).status).toBe(204)
})

test('nothing of another tenant is deleted or written', async () => {
  await server.store.tenants.insertOne({ _id: 'north', instance: 'q', key: '1', name: 'North' })
  await put('d')
  const north = '/t/north/fhir/R4/Patient/d'
  expect((await server.send('DELETE', north)).status).toBe(404)
  expect((await server.send('PATCH', north, [{ op: 'remove', path: '/active' }])).status).toBe(404)
  expect((await server.send('PUT', north, { resourceType: 'Patient', id: 'd' })).status).toBe(201)
  expect((await server.get('Patient/d')).json).toMatchObject({ active: true, meta: { versionId: '1' } })
  expect((await server.send('DELETE', '/t/nowhere/fhir/R4/Patient/d')).status).toBe(404)
})
