/** $meta, $meta-add and $meta-delete, of what is stored as it is and of what is made of source rows. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { FhirServer } from '../../support/fhir-server.ts'
import { startFhirServer } from '../../support/fhir-server.ts'

const A = { system: 'urn:t', code: 'a' }
const B = { system: 'urn:t', code: 'b' }
const RESTRICTED = { system: 'urn:c', code: 'R' }

let server: FhirServer
beforeAll(async () => {
  server = await startFhirServer()
})
afterAll(() => server.stop())

const metaOf = (json: object): object | undefined =>
  (json as { parameter?: { name: string; valueMeta: object }[] }).parameter?.[0]?.valueMeta
const parameters = (valueMeta: object): object => ({
  resourceType: 'Parameters',
  parameter: [{ name: 'meta', valueMeta }],
})

test('tags, profiles and labels are added and taken away, each change a version', async () => {
  await server.send('PUT', 'Basic/x', { resourceType: 'Basic', id: 'x', code: { text: 'x' }, meta: { tag: [A] } })
  const sent = { tag: [{ ...A, display: 'now' }, B], profile: ['http://p/one'], security: [RESTRICTED] }
  const added = await server.send('POST', 'Basic/x/$meta-add', parameters(sent))
  expect(added.status).toBe(200)
  expect(added.headers.get('etag')).toBe('W/"2"')
  expect(metaOf(added.json)).toMatchObject({ versionId: '2', ...sent })
  expect(metaOf((await server.get('Basic/x/$meta')).json)).toEqual(metaOf(added.json))
  expect(await server.ids('Basic?_tag=urn:t|b')).toEqual(['x'])
  const removed = await server.send('POST', 'Basic/x/$meta-delete', parameters({ tag: [A, B], security: [RESTRICTED] }))
  expect(metaOf(removed.json)).toMatchObject({ versionId: '3', profile: ['http://p/one'] })
  expect(metaOf(removed.json)).not.toHaveProperty('tag')
  expect(await server.methods('Basic/x')).toEqual(['POST', 'PUT', 'PUT'])
  expect((await server.get('Basic/x/_history/2')).json).toMatchObject({ meta: { security: [RESTRICTED] } })
})

test('what changes nothing makes no version', async () => {
  await server.send('PUT', 'Basic/same', { resourceType: 'Basic', id: 'same', code: { text: 'x' }, meta: { tag: [A] } })
  const { json } = await server.send('POST', 'Basic/same/$meta-add', parameters({ tag: [A] }))
  expect(metaOf(json)).toMatchObject({ versionId: '1' })
})

test('decimals keep their digits when only tags change', async () => {
  const text =
    '{"resourceType":"Observation","id":"d","status":"final","code":{"text":"x"},"valueQuantity":{"value":1.00}}'
  await server.send('PUT', 'Observation/d', text)
  await server.send('POST', 'Observation/d/$meta-add', parameters({ tag: [A] }))
  expect((await server.get('Observation/d')).text).toContain('"value":1.00')
})

test('a type and the server say what their resources have', async () => {
  await server.send('PUT', 'Flag/f', {
    ...{ resourceType: 'Flag', id: 'f', status: 'active', code: { text: 'x' }, subject: { display: 'x' } },
    meta: { tag: [RESTRICTED, { code: 'bare' }], profile: ['http://hl7.org/fhir/StructureDefinition/Flag'] },
  })
  expect(metaOf((await server.get('Flag/$meta')).json)).toEqual({
    profile: ['http://hl7.org/fhir/StructureDefinition/Flag'],
    tag: [RESTRICTED, { code: 'bare' }],
  })
  const all = metaOf((await server.get('$meta')).json) as { tag: object[] }
  expect(all.tag).toEqual(expect.arrayContaining([A, RESTRICTED]))
  expect(metaOf((await server.get('Slot/$meta')).json)).toEqual({})
})

test.each([
  ['GET', 'Basic/nobody/$meta', undefined, 404],
  ['POST', 'Basic/nobody/$meta-add', parameters({ tag: [A] }), 404],
  ['GET', 'Basic/x/$meta-add', undefined, 405],
  ['POST', 'Basic/x/$meta-add', parameters({ tag: 'x' }), 400],
  ['POST', 'Basic/x/$meta-add', { resourceType: 'Parameters' }, 400],
])('%s %s is refused', async (method, path, body, status) => {
  expect((await server.send(method, path, body)).status).toBe(status)
})

test('If-Match holds for a change of tags as for any other', async () => {
  const { status } = await server.send('POST', 'Basic/x/$meta-add', parameters({ tag: [B] }), { 'If-Match': 'W/"1"' })
  expect(status).toBe(412)
})
