import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { decimal } from '../../../src/r4/json.ts'
import { type Bundle as FhirBundle, type FhirServer, startFhirServer } from '../../support/fhir-server.ts'

let server: FhirServer
beforeAll(async () => {
  server = await startFhirServer()
})
afterAll(() => server.stop())

const PATIENT = 'urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a'
const NOTE = 'urn:uuid:88f151c0-a954-468a-88bd-5ae15c08e059'

interface Entry {
  readonly fullUrl?: string
  readonly resource?: object
  readonly request?: object
}

type Answered = Required<NonNullable<FhirBundle['entry']>[number]>

const bundle = (...entry: readonly Entry[]) => ({ resourceType: 'Bundle', type: 'transaction', entry })
const post = (resource: { resourceType: string }, more: object = {}, fullUrl?: string): Entry => ({
  ...(fullUrl !== undefined && { fullUrl }),
  resource,
  request: { method: 'POST', url: resource.resourceType, ...more },
})
const patient = (more: object = {}) => ({ resourceType: 'Patient', ...more })
const counts = async () => [
  await server.store.resources.countDocuments(),
  await server.store.versions.countDocuments(),
  await server.store.outbox.countDocuments(),
]

test('entries refer to one another in whatever order they stand, and are answered in theirs', async () => {
  const note = { resourceType: 'Communication', status: 'completed', subject: { reference: PATIENT } }
  const sent = bundle(post(note, {}, NOTE), post(patient({ active: true }), {}, PATIENT))
  const { status, json } = await server.send('POST', '', sent)
  expect([status, json]).toMatchObject([200, { resourceType: 'Bundle', type: 'transaction-response' }])
  const [first, second] = json.entry as [Answered, Answered]
  expect([first.resource.resourceType, second.resource.resourceType]).toEqual(['Communication', 'Patient'])
  expect(first.resource['subject']).toEqual({ reference: `Patient/${second.resource.id}` })
  const location = `${server.origin}/fhir/R4/Communication/${first.resource.id}/_history/1`
  expect(first.response).toMatchObject({ status: '201', etag: 'W/"1"', location })
  const { json: read } = await server.get(`Communication/${first.resource.id}`)
  expect(read).toEqual(first.resource)
  expect(read).toMatchObject({ meta: { lastUpdated: first.response.lastModified } })
})

test('all of a bundle is one commit: one row in the outbox, one moment', async () => {
  const before = await server.store.outbox.countDocuments()
  const { json } = await server.send('POST', '', bundle(post(patient()), post(patient()), post(patient())))
  const ids = json.entry?.map(({ resource }) => `default/Patient/${resource?.id ?? ''}`)
  expect(await server.store.outbox.countDocuments()).toBe(before + 1)
  const row = await server.store.outbox.findOne({ 'changes.id': ids?.[0] ?? '' })
  expect(row?.changes.map(({ id }) => id)).toEqual(ids)
  expect(new Set(json.entry?.map(({ response }) => response?.lastModified)).size).toBe(1)
})

test('puts, deletes and creates do their work together', async () => {
  await server.send('PUT', 'Patient/old', patient({ id: 'old' }))
  await server.send('PUT', 'Patient/kept', patient({ id: 'kept' }))
  const { json } = await server.send(
    'POST',
    '',
    bundle(
      {
        resource: patient({ id: 'kept', active: true }),
        request: { method: 'PUT', url: 'Patient/kept', ifMatch: 'W/"1"' },
      },
      { resource: patient({ id: 'made' }), request: { method: 'PUT', url: 'Patient/made' } },
      { request: { method: 'DELETE', url: 'Patient/old' } },
    ),
  )
  expect(json.entry?.map(({ response }) => [response?.status, response?.etag])).toEqual([
    ['200', 'W/"2"'],
    ['201', 'W/"1"'],
    ['204', 'W/"2"'],
  ])
  expect((await server.get('Patient/old')).status).toBe(410)
  expect((await server.get('Patient/kept')).json).toMatchObject({ active: true })
})

test('If-None-Exist of an entry: what is there is referred to, and made once', async () => {
  const unless = { ifNoneExist: 'identifier=urn:x|once' }
  const once = patient({ identifier: [{ system: 'urn:x', value: 'once' }] })
  const note = { resourceType: 'Communication', status: 'completed', subject: { reference: PATIENT } }
  const sent = bundle(post(once, unless, PATIENT), post(note))
  const answers = [await server.send('POST', '', sent), await server.send('POST', '', sent)]
  expect(answers.map(({ json }) => json.entry?.map(({ response }) => response?.status))).toEqual([
    ['201', '201'],
    ['200', '201'],
  ])
  const [id] = await server.ids('Patient?identifier=urn:x|once')
  expect(answers.map(({ json }) => json.entry?.[1]?.resource)).toMatchObject([
    { subject: { reference: `Patient/${id ?? ''}` } },
    { subject: { reference: `Patient/${id ?? ''}` } },
  ])
})

test('numbers keep their digits in a bundle', async () => {
  const weight = {
    resourceType: 'Observation',
    status: 'final',
    code: { text: 'w' },
    valueQuantity: { value: decimal('1.00') },
  }
  const answer = await server.send('POST', '', bundle(post(weight)))
  expect(answer.text).toContain('"value":1.00')
})

test.each([
  [
    'a stale If-Match',
    { resource: patient({ id: 'x' }), request: { method: 'PUT', url: 'Patient/x', ifMatch: 'W/"4"' } },
    412,
    'Bundle.entry[1]',
  ],
  ['a delete of what is not there', { request: { method: 'DELETE', url: 'Patient/never' } }, 404, 'Bundle.entry[1]'],
  ['an invalid resource', post(patient({ gender: 7 }) as never), 400, 'Bundle.entry[1].resource.gender'],
  [
    'a resource of another type',
    { resource: patient(), request: { method: 'POST', url: 'Basic' } },
    400,
    'Bundle.entry[1].resource',
  ],
  [
    'another id',
    { resource: patient({ id: 'b' }), request: { method: 'PUT', url: 'Patient/a' } },
    400,
    'Bundle.entry[1].resource',
  ],
  ['no request', { resource: patient() }, 400, 'Bundle.entry[1].request'],
  ['a search', { request: { method: 'GET', url: 'Patient' } }, 400, 'Bundle.entry[1].request'],
  [
    'a type that is none',
    { resource: patient(), request: { method: 'POST', url: 'Nonsense' } },
    400,
    'Bundle.entry[1]',
  ],
  ['no resource', { request: { method: 'POST', url: 'Patient' } }, 400, 'Bundle.entry[1].resource'],
])('%s undoes the whole bundle and is named', async (_what, entry, status, place) => {
  const before = await counts()
  const answer = await server.send('POST', '', bundle(post(patient()), entry))
  const [issue] = answer.json.issue ?? []
  expect([answer.status, answer.json.resourceType]).toEqual([status, 'OperationOutcome'])
  expect(issue?.expression?.[0]?.startsWith(place)).toBe(true)
  expect(await counts()).toEqual(before)
})

test.each([
  [
    'a circle',
    bundle(
      post(patient({ link: [{ other: { reference: NOTE }, type: 'seealso' }] }) as never, {}, PATIENT),
      post(patient({ link: [{ other: { reference: PATIENT }, type: 'seealso' }] }) as never, {}, NOTE),
    ),
    400,
  ],
  [
    'one resource twice',
    bundle(
      { resource: patient({ id: 'a' }), request: { method: 'PUT', url: 'Patient/a' } },
      { request: { method: 'DELETE', url: 'Patient/a' } },
    ),
    400,
  ],
  ['a batch', { resourceType: 'Bundle', type: 'batch', entry: [] }, 400],
  ['a document', { resourceType: 'Bundle', type: 'document' }, 400],
  ['another resource', patient(), 400],
  ['more entries than are taken', bundle(...Array.from({ length: 1001 }, () => post(patient()))), 413],
])('%s is refused', async (_what, sent, status) => {
  const before = await counts()
  expect((await server.send('POST', '', sent)).status).toBe(status)
  expect(await counts()).toEqual(before)
})

test('a bundle of nothing is answered with nothing', async () => {
  const { status, json } = await server.send('POST', '', { resourceType: 'Bundle', type: 'transaction' })
  expect([status, json]).toEqual([200, { resourceType: 'Bundle', type: 'transaction-response' }])
})
