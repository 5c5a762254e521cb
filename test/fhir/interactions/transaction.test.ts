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
const note = (reference: string, fullUrl?: string): Entry =>
  post({ resourceType: 'Communication', status: 'completed', subject: { reference } } as never, {}, fullUrl)
const once = (value: string) => ({ ifNoneExist: `identifier=urn:circle|${value}` })
const identified = (value: string) => patient({ identifier: [{ system: 'urn:x', value }] })
const statuses = ({ json }: Awaited<ReturnType<FhirServer['send']>>) =>
  json.entry?.map(({ response }) => response?.status)
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
  ['an address elsewhere', { request: { method: 'DELETE', url: 'https://else/Patient/1' } }, 400, 'Bundle.entry[1]'],
  ['a conditional reference to nothing', note('Patient?identifier=urn:x|nobody'), 412, 'Bundle.entry[1]'],
  ['a conditional reference to several', note('Patient?active=true'), 412, 'Bundle.entry[1]'],
  ['a delete that several fit', { request: { method: 'DELETE', url: 'Patient?active=true' } }, 412, 'Bundle.entry[1]'],
  [
    'a type that is none',
    { resource: patient(), request: { method: 'POST', url: 'Nonsense' } },
    400,
    'Bundle.entry[1]',
  ],
  ['no resource', { request: { method: 'POST', url: 'Patient' } }, 400, 'Bundle.entry[1].resource'],
])('%s undoes the whole bundle and is named', async (_what, entry, status, place) => {
  for (const id of ['several-1', 'several-2']) await server.send('PUT', `Patient/${id}`, patient({ id, active: true }))
  const before = await counts()
  const answer = await server.send('POST', '', bundle(post(patient()), entry))
  const [issue] = answer.json.issue ?? []
  expect([answer.status, answer.json.resourceType]).toEqual([status, 'OperationOutcome'])
  expect(issue?.expression?.[0]?.startsWith(place)).toBe(true)
  expect(await counts()).toEqual(before)
})

test.each([
  [
    'a circle of what is made only where it is not there',
    bundle(
      post(patient({ link: [{ other: { reference: NOTE }, type: 'seealso' }] }) as never, once('p'), PATIENT),
      post(patient({ link: [{ other: { reference: PATIENT }, type: 'seealso' }] }) as never, once('n'), NOTE),
    ),
    422,
  ],
  [
    'one resource twice',
    bundle(
      { resource: patient({ id: 'a' }), request: { method: 'PUT', url: 'Patient/a' } },
      { request: { method: 'DELETE', url: 'Patient/a' } },
    ),
    400,
  ],
  ['one fullUrl twice', bundle(post(patient(), {}, PATIENT), post(patient(), {}, PATIENT)), 400],
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

test('conditional references mean the one resource that fits, which the same bundle may make', async () => {
  await server.send('PUT', 'Patient/known', { ...identified('known'), id: 'known' })
  const sent = bundle(
    note('Patient?identifier=urn:x|known'),
    post(identified('new')),
    note('Patient?identifier=urn:x|new'),
  )
  const { status, json } = await server.send('POST', '', sent)
  const subjects = json.entry?.map(({ resource }) => resource?.['subject'])
  const made = { reference: `Patient/${json.entry?.[1]?.resource?.id ?? ''}` }
  expect([status, subjects]).toEqual([200, [{ reference: 'Patient/known' }, undefined, made]])
})

test('what conditional addresses make or find can be referred to', async () => {
  const put = (): Entry => ({
    fullUrl: PATIENT,
    resource: identified('cond'),
    request: { method: 'PUT', url: 'Patient?identifier=urn:x|cond' },
  })
  const answers = [
    await server.send('POST', '', bundle(note(PATIENT), put())),
    await server.send('POST', '', bundle(note(PATIENT), put())),
    await server.send('POST', '', bundle({ request: { method: 'DELETE', url: 'Patient?identifier=urn:x|cond' } })),
    await server.send('POST', '', bundle({ request: { method: 'DELETE', url: 'Patient?identifier=urn:x|cond' } })),
  ]
  expect(answers.map(statuses)).toEqual([['201', '201'], ['201', '200'], ['204'], ['204']])
  const subjects = answers.slice(0, 2).map(({ json }) => json.entry?.[0]?.resource?.['subject'])
  const reference = `Patient/${answers[0]?.json.entry?.[1]?.resource?.id ?? ''}`
  expect(subjects).toEqual([{ reference }, { reference }])
})

test('references follow the fullUrls of their entries, spelled out or relative to a common base', async () => {
  const base = 'https://clinic.example.org/fhir'
  const put = { resource: patient({ id: 'of-put' }), request: { method: 'PUT', url: 'Patient/of-put' } }
  const sent = bundle(
    post(patient(), {}, `${base}/Patient/1`),
    note('Patient/1', `${base}/Communication/2`),
    note(`${base}/Patient/1`, NOTE),
    note('Patient/1', 'https://other.example.org/Communication/2'),
    { fullUrl: PATIENT, ...put },
    note(PATIENT),
  )
  const { json } = await server.send('POST', '', sent)
  const id = json.entry?.[0]?.resource?.id ?? ''
  expect(
    json.entry?.map(({ resource }) => (resource?.['subject'] as { reference: string } | undefined)?.reference),
  ).toEqual([...[undefined, `Patient/${id}`, `Patient/${id}`, 'Patient/1', undefined, 'Patient/of-put']])
})

test('reads see what the bundle wrote, and one that fails undoes nothing', async () => {
  const sent = bundle(
    { request: { method: 'GET', url: 'Patient/read-me' } },
    { request: { method: 'GET', url: 'Patient?_id=read-me&_total=none' } },
    { request: { method: 'GET', url: 'Patient/nobody' } },
    { request: { method: 'GET', url: 'Patient/read-me', ifNoneMatch: 'W/"1"' } },
    { resource: patient({ id: 'read-me' }), request: { method: 'PUT', url: 'Patient/read-me' } },
  )
  const answer = await server.send('POST', '', sent)
  expect(statuses(answer)).toEqual(['200', '200', '404', '304', '201'])
  const [first, second, third] = answer.json.entry ?? []
  expect(first?.resource).toMatchObject({ resourceType: 'Patient', id: 'read-me' })
  expect(second?.resource).toMatchObject({ resourceType: 'Bundle', type: 'searchset', total: 1 })
  expect(third?.response).toMatchObject({ outcome: { resourceType: 'OperationOutcome' } })
})

test('a patch of an entry comes in a Binary', async () => {
  await server.send('PUT', 'Patient/patched', patient({ id: 'patched' }))
  const data = Buffer.from(JSON.stringify([{ op: 'add', path: '/active', value: true }])).toString('base64')
  const resource = { resourceType: 'Binary', contentType: 'application/json-patch+json', data }
  const answer = await server.send(
    'POST',
    '',
    bundle({ resource, request: { method: 'PATCH', url: 'Patient/patched' } }),
  )
  expect([statuses(answer), answer.json.entry?.[0]?.resource]).toMatchObject([['200'], { active: true }])
})

test('a resource that two entries find by condition is refused', async () => {
  const id = 'found-twice'
  await server.send('PUT', `Patient/${id}`, { ...identified(id), id })
  const where = { resource: identified(id), request: { method: 'PUT', url: `Patient?identifier=urn:x|${id}` } }
  const direct = { resource: patient({ id, active: true }), request: { method: 'PUT', url: `Patient/${id}` } }
  expect(
    (await server.send('POST', '', bundle({ ...where, resource: { ...where.resource, active: false } }, direct)))
      .status,
  ).toBe(400)
  expect(await server.methods(`Patient/${id}`)).toEqual(['POST'])
})

test('Prefer: return=minimal leaves the resources out', async () => {
  const { json } = await server.send('POST', '', bundle(post(patient())), { Prefer: 'return=minimal' })
  expect([json.entry?.[0]?.resource, json.entry?.[0]?.response?.status]).toEqual([undefined, '201'])
})

test.each(['transaction', 'batch'])(
  '64 parallel conditional creates, each in a %s, make one resource',
  async (type) => {
    const unless = { ifNoneExist: `identifier=urn:x|race-${type}` }
    const sent = { ...bundle(post(identified(`race-${type}`), unless)), type }
    const answers = await Promise.all(Array.from({ length: 64 }, () => server.send('POST', '', sent)))
    expect(answers.flatMap(statuses).sort()).toEqual([...Array.from({ length: 63 }, () => '200'), '201'])
    expect(await server.ids(`Patient?identifier=urn:x|race-${type}`)).toHaveLength(1)
  },
)
