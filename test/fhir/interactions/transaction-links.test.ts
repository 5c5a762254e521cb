/** Links between the entries of a transaction: in circles, in every element that may hold one, in the narrative. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type FhirServer, startFhirServer } from '../../support/fhir-server.ts'

let server: FhirServer
beforeAll(async () => {
  server = await startFhirServer({ limits: { conditionalDeletes: 3 } })
})
afterAll(() => server.stop())

const A = 'urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a'
const B = 'urn:uuid:88f151c0-a954-468a-88bd-5ae15c08e059'
const C = 'urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0'
const OID = 'urn:oid:1.2.3.4'

const transaction = (...entry: object[]) =>
  server.send('POST', '', { resourceType: 'Bundle', type: 'transaction', entry })
const post = (fullUrl: string, resource: { resourceType: string }, more: object = {}): object => ({
  ...{ fullUrl, resource },
  request: { method: 'POST', url: resource.resourceType, ...more },
})
const linked = (to: string, type = 'seealso', more: object = {}) => ({
  ...{ resourceType: 'Patient', ...more },
  link: [{ other: { reference: to }, type }],
})

test('entries may refer to one another in a circle, and each to itself', async () => {
  const { status, json } = await transaction(post(A, linked(B)), post(B, linked(C)), post(C, linked(A)))
  expect(status).toBe(200)
  const ids = json.entry?.map(({ resource }) => resource?.id) ?? []
  const links = json.entry?.map(({ resource }) => (resource?.['link'] as [{ other: object }])[0].other)
  expect(links).toEqual([1, 2, 0].map((to) => ({ reference: `Patient/${ids[to] ?? ''}` })))
  const self = await transaction(post(A, linked(A)))
  const [one] = self.json.entry ?? []
  expect(one?.resource?.['link']).toEqual([
    { other: { reference: `Patient/${one?.resource?.id ?? ''}` }, type: 'seealso' },
  ])
})

test('in a circle, what is made only where it is not there comes after what has its id', async () => {
  const unless = { ifNoneExist: 'identifier=urn:c|1' }
  const identified = { identifier: [{ system: 'urn:c', value: '1' }] }
  const send = () => transaction(post(A, linked(B, 'seealso', identified), unless), post(B, linked(A)))
  const first = (await send()).json.entry?.map(({ resource, response }) => [response?.status, resource?.id]) ?? []
  expect(first.map(([status]) => status)).toEqual(['201', '201'])
  const { json } = await send()
  expect(json.entry?.map(({ response }) => response?.status)).toEqual(['200', '201'])
  expect(json.entry?.[1]?.resource?.['link']).toMatchObject([
    { other: { reference: `Patient/${first[0]?.[1] ?? ''}` } },
  ])
})

test('links are followed wherever R4 lets them stand, and nowhere else', async () => {
  const div = `<div xmlns="http://www.w3.org/1999/xhtml"><a href="${A}">one</a> <img src='${A}' alt="${A}"/> ${A}</div>`
  const document = {
    resourceType: 'DocumentReference',
    text: { status: 'generated', div },
    status: 'current',
    identifier: [{ system: 'urn:ietf:rfc:3986', value: A }],
    content: [{ attachment: { url: A } }],
    extension: [
      { url: 'http://x/uri', valueUri: A },
      { url: 'http://x/uuid', valueUuid: A },
      { url: 'http://x/oid', valueOid: OID },
      { url: 'http://x/of-oid', valueUri: OID },
      { url: 'http://x/string', valueString: A },
      { url: 'http://x/canonical', valueCanonical: A },
    ],
    _implicitRules: { extension: [{ url: 'http://x/reference', valueReference: { reference: A } }] },
  }
  const { status, json } = await transaction(
    post(B, document),
    post(A, { resourceType: 'Binary', contentType: 'text/plain', data: 'YQ==' } as never),
    post(OID, { resourceType: 'Basic', code: { text: 'x' } } as never),
  )
  expect([status, json.issue]).toEqual([200, undefined])
  const [first, second, third] = json.entry?.map(({ resource }) => resource) ?? []
  const binary = `Binary/${second?.id ?? ''}`
  expect(first).toMatchObject({
    identifier: [{ value: A }],
    content: [{ attachment: { url: binary } }],
    extension: [
      { valueUri: binary },
      { valueUuid: A },
      { valueOid: OID },
      { valueUri: `Basic/${third?.id ?? ''}` },
      { valueString: A },
      { valueCanonical: A },
    ],
    _implicitRules: { extension: [{ valueReference: { reference: binary } }] },
  })
  expect((first?.['text'] as { div: string }).div).toBe(
    `<div xmlns="http://www.w3.org/1999/xhtml"><a href="${binary}">one</a> <img src="${binary}" alt="${A}"/> ${A}</div>`,
  )
})

const tagged = (code: string) => ({ resourceType: 'Basic', code: { coding: [{ system: 'urn:d', code }] } })
const make = (code: string, count: number) =>
  transaction(...Array.from({ length: count }, (_, n) => post(`urn:uuid:${code}-${n}`, tagged(code))))

test('a conditional delete takes as many as the limits say, or none', async () => {
  await make('few', 3)
  expect((await server.send('DELETE', 'Basic?code=few')).status).toBe(204)
  expect(await server.ids('Basic?code=few')).toEqual([])
  await make('many', 4)
  const answer = await server.send('DELETE', 'Basic?code=many')
  expect([answer.status, answer.json.issue?.[0]?.code]).toEqual([412, 'conflict'])
  expect(await server.ids('Basic?code=many')).toHaveLength(4)
  const deletes = await server.store.versions.find({ tt: 'default/Basic', method: 'DELETE' }).toArray()
  expect([deletes.length, new Set(deletes.map(({ u }) => u.getTime())).size]).toEqual([3, 1])
  expect((await server.get('metadata')).text).toContain('"conditionalDelete":"multiple"')
})

test('so does one in a transaction, whose other entries then do nothing either', async () => {
  await make('in', 2)
  const remove = { request: { method: 'DELETE', url: 'Basic?code=in' } }
  const { json } = await transaction(remove, post(A, tagged('else')))
  expect(json.entry?.map(({ response }) => response?.status)).toEqual(['204', '201'])
  expect(await server.ids('Basic?code=in')).toEqual([])
  await make('over', 4)
  const refused = await transaction({ request: { method: 'DELETE', url: 'Basic?code=over' } }, post(A, tagged('new')))
  expect(refused.status).toBe(412)
  expect(refused.json.issue?.[0]?.expression).toEqual(['Bundle.entry[0].request'])
  expect(await server.ids('Basic?code=new')).toEqual([])
})

test('a FHIRPath Patch of an entry comes as Parameters', async () => {
  await make('patched', 1)
  const parameter = (name: string, value: string) => ({
    name: 'operation',
    part: [
      { name: 'type', valueCode: 'add' },
      { name: 'path', valueString: 'Basic' },
      { name: 'name', valueString: name },
      { name: 'value', valueCode: value },
    ],
  })
  const resource = { resourceType: 'Parameters', parameter: [parameter('language', 'en')] }
  const request = { method: 'PATCH', url: 'Basic?code=patched' }
  const { status, json } = await transaction({ resource, request })
  expect([status, json.entry?.[0]?.resource]).toMatchObject([200, { language: 'en' }])
  const batch = { resourceType: 'Bundle', type: 'batch', entry: [{ resource, request }] }
  const again = await server.send('POST', '', batch)
  expect(again.json.entry?.[0]?.response?.status).toBe('422')
})
