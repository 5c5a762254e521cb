/** FHIR creates that become source rows, over HTTP, on the tables of test/mappings/ward. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { Double } from 'bson'
import type { SourceServer } from '../support/source-server.ts'
import { EXTENSION, SID, countAll, startWard } from './ward.ts'

let ward: SourceServer
beforeAll(async () => {
  ward = await startWard()
})
afterAll(() => ward.stop())

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const SQL_TIME = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/

const patient = (email: string, more: object = {}) => ({
  resourceType: 'Patient',
  name: [{ use: 'official', family: 'Okafor', given: ['Ada'] }],
  telecom: [{ system: 'email', value: email }],
  ...more,
})
const idOf = ({ json }: { readonly json: object }): string => (json as { id: string }).id
const keyOf = (answer: { readonly json: object }): string => idOf(answer).replace(/^w-/, '').replace(/\..*$/, '')

test('a create makes the row and its parts, linked, with all that they start with', async () => {
  const answer = await ward.send(
    'POST',
    'Patient',
    patient('ada@example.org', { gender: 'female', birthDate: '1990-02-28' }),
  )
  expect([answer.status, answer.headers.get('etag')]).toEqual([201, 'W/"1"'])
  const p = await ward.table('ward.patients').findOne({ id: keyOf(answer) }, { projection: { _id: 0 } })
  const a = await ward.table('ward.accounts').findOne({ id: p?.['account'] as string }, { projection: { _id: 0 } })
  expect(p).toEqual({
    id: expect.stringMatching(UUID),
    account: expect.stringMatching(UUID),
    number: expect.stringMatching(/^W-\d{6}$/),
    allergies: [],
    created: expect.stringMatching(SQL_TIME),
  })
  expect(a).toEqual({
    id: p?.['account'] as string,
    number: p?.['number'] as string,
    roles: ['patient'],
    status: 'pending',
    password: expect.stringMatching(/^!.{20,}/),
    email: 'ada@example.org',
    family: 'Okafor',
    given: 'Ada',
    sex: 'female',
    born: '1990-02-28',
  })
  expect(await ward.table('ward.carers').countDocuments({ patient: keyOf(answer) })).toBe(0)
  expect(Math.abs(Date.parse(`${String(p?.['created'])}Z`) - Date.now())).toBeLessThan(60_000)
  expect(answer.json).toMatchObject({
    id: `w-${keyOf(answer)}`,
    meta: { source: `${SID}/patients/${keyOf(answer)}` },
    identifier: [
      { system: `${SID}/patients`, value: keyOf(answer) },
      { system: `${SID}/accounts`, value: a?.['id'] as string },
      { system: `${SID}/number`, value: p?.['number'] as string },
    ],
    active: true,
  })
})

test('what was made is one version that the change stream does not make again, known by its writer', async () => {
  const answer = await ward.send('POST', 'Patient', patient('echo@example.org'))
  await ward.settle()
  const id = idOf(answer)
  expect(await ward.methods(`Patient/${id}`)).toEqual(['POST'])
  expect((await ward.get(`Patient/${id}`)).text).toBe(answer.text)
  expect(await ward.store.outbox.find({ 'changes.id': `default/Patient/${id}` }).toArray()).toMatchObject([
    { changes: [{ id: `default/Patient/${id}`, v: 1, method: 'POST' }] },
  ])
  expect(await ward.store.versions.findOne({ _id: `default/Patient/${id}/0000000001` })).toMatchObject({
    by: 'anonymous',
  })
})

test('a part that nothing is said of has no row, and one that is has its link', async () => {
  const contact = [{ name: { text: 'Bo' }, telecom: [{ system: 'phone', value: '1' }] }]
  const answer = await ward.send('POST', 'Patient', patient('bo@example.org', { contact }))
  const row = await ward.table('ward.carers').findOne({ patient: keyOf(answer) }, { projection: { _id: 0 } })
  expect(row).toEqual({
    id: expect.stringMatching(UUID),
    patient: keyOf(answer),
    name: 'Bo',
    phone: '1',
    updated: expect.stringMatching(SQL_TIME),
  })
  expect(answer.json).toMatchObject({ contact })
})

test('what no rule names is kept beside the rows', async () => {
  const more = {
    photo: [{ contentType: 'image/png', url: 'https://images.example.org/a.png' }],
    extension: [{ url: 'urn:own', valueString: 'x' }],
    contact: [{ gender: 'male', name: { text: 'Bo', family: 'B' } }],
    maritalStatus: { text: 'married' },
  }
  const sent = patient('beside@example.org', more)
  const telecom = [
    ...sent.telecom,
    { system: 'phone', value: '2', rank: 1 },
    { system: 'phone', value: '3' },
    { system: 'fax', value: '4' },
  ]
  const answer = await ward.send('POST', 'Patient', { ...sent, telecom })
  expect(answer.status).toBe(201)
  expect(answer.json).toMatchObject(more)
  expect((answer.json as unknown as { telecom: object[] }).telecom).toEqual(expect.arrayContaining(telecom))
  expect(await ward.table('ward.accounts').findOne({ email: 'beside@example.org' })).toMatchObject({ phone: '2' })
})

test.each([
  [
    'what must be there is missing',
    patient('x', { telecom: [], name: [{ use: 'official', family: 'X' }] }),
    `Patient.telecom.where(system='email').value`,
  ],
  ['a code is not in the table', patient('x1@example.org', { gender: 'unknown' }), 'Patient.gender'],
  ['a date is not whole', patient('x2@example.org', { birthDate: '1990' }), 'Patient.birthDate'],
  [
    'the number is the ward’s to give',
    patient('x3@example.org', { identifier: [{ system: `${SID}/number`, value: 'W-1' }] }),
    'Patient.identifier',
  ],
  [
    'a source identifier is made up',
    patient('x4@example.org', { identifier: [{ system: `${SID}/patients`, value: 'me' }] }),
    'Patient.identifier',
  ],
  ['meta.source is made up', patient('x5@example.org', { meta: { source: 'urn:me' } }), 'Patient.meta.source'],
  ['a constant is another', patient('x6@example.org', { active: false }), 'Patient.active'],
])('when %s, the create is refused with the place and nothing is written', async (_what, sent, place) => {
  const body = { ...sent, ...((sent.telecom as unknown[]).length === 0 && { telecom: undefined }) }
  const before = await countAll(ward)
  const { status, json } = await ward.send('POST', 'Patient', body)
  expect([status, json.issue?.[0]?.code]).toEqual([422, 'business-rule'])
  expect(json.issue?.[0]?.expression?.[0]?.startsWith(place)).toBe(true)
  expect(await countAll(ward)).toEqual(before)
})

test('a refused code says which ones are taken', async () => {
  const { json } = await ward.send('POST', 'Patient', patient('y@example.org', { gender: 'unknown' }))
  expect(json.issue?.[0]?.diagnostics).toMatch(/allowed: male, female, other/)
  expect(json.issue?.[0]?.diagnostics).not.toMatch(/Okafor|y@example/)
})

test('a value that may be there once is there once, whoever is first', async () => {
  const answers = await Promise.all(
    Array.from({ length: 12 }, () => ward.send('POST', 'Patient', patient('one@example.org'))),
  )
  expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array.from({ length: 11 }, () => 409)])
  expect(answers.find(({ status }) => status === 409)?.json.issue?.[0]).toMatchObject({
    code: 'conflict',
    expression: [`Patient.telecom.where(system='email').value`],
  })
  expect(await ward.table('ward.accounts').countDocuments({ email: 'one@example.org' })).toBe(1)
  expect((await ward.send('POST', 'Patient', patient('ONE@example.org'))).status).toBe(409)
})

test('a number is given once, to many at once, and never one that a row has', async () => {
  await ward.table('ward.patients').insertOne({ id: 'own', number: 'W-004711' })
  await ward.table('ward.accounts').insertOne({ id: 'aown', number: 'W-004713' })
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, n) => ward.send('POST', 'Patient', patient(`many${n}@example.org`))),
  )
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201))
  const rows = await ward
    .table('ward.patients')
    .find({ number: { $exists: true } })
    .toArray()
  const numbers = rows.map(({ number }) => number as string)
  expect(new Set(numbers).size).toBe(numbers.length)
  const accounts = await ward
    .table('ward.accounts')
    .find({ number: { $exists: true } })
    .toArray()
  const others = accounts.filter(({ id }) => id !== 'aown').map(({ number }) => number as string)
  expect(others.filter((number) => number === 'W-004713')).toEqual([])
})

test('a whole-number key goes on from the greatest there is', async () => {
  await ward.table('ward.rooms').insertMany([
    { id: 3, name: 'Three' },
    { id: new Double(40), name: 'Forty' },
  ])
  const answer = await ward.send('POST', 'Location', { resourceType: 'Location', name: 'Blue room' })
  // a number may be lost when a commit is tried again
  const given = Number(idOf(answer).slice(2))
  expect([answer.status, given >= 41]).toEqual([201, true])
  const blue = await ward.raw('ward.rooms', { name: 'Blue room' })
  expect(blue).toMatchObject({ id: { $numberInt: String(given) }, active: true })
  const next = await ward.send('POST', 'Location', { resourceType: 'Location', name: 'Red room', status: 'suspended' })
  expect(Number(idOf(next).slice(2))).toBeGreaterThan(given)
  expect(next.json).toMatchObject({ status: 'suspended' })
  expect((await ward.send('POST', 'Location', { resourceType: 'Location', name: 'Blue room' })).status).toBe(409)
  expect((await ward.send('POST', 'Location', { resourceType: 'Location' })).status).toBe(422)
})

test('a transaction makes rows that refer to one another', async () => {
  const PATIENT = 'urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a'
  const allergy = { resourceType: 'AllergyIntolerance', patient: { reference: PATIENT }, code: { text: 'Dust' } }
  const entry = (resource: { resourceType: string }, fullUrl?: string) => ({
    fullUrl,
    resource,
    request: { method: 'POST', url: resource.resourceType },
  })
  const bundle = (email: string, gender: string) => ({
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [entry(allergy), entry(patient(email, { gender }), PATIENT)],
  })
  const { status, json } = await ward.send('POST', '', bundle('both@example.org', 'male'))
  expect(status).toBe(200)
  const [first, second] = json.entry ?? []
  expect(first?.resource).toMatchObject({ patient: { reference: `Patient/${second?.resource?.id ?? ''}` } })
  const row = await ward.table('ward.patients').findOne({ id: second?.resource?.id.slice(2) ?? '' })
  expect(row).toMatchObject({ allergies: ['Dust'] })
  await ward.settle()
  expect(await ward.methods(`Patient/${second?.resource?.id ?? ''}`)).toEqual(['POST'])
  const before = await countAll(ward)
  const refused = await ward.send('POST', '', bundle('neither@example.org', 'unknown'))
  expect([refused.status, refused.json.issue?.[0]?.expression]).toEqual([422, ['Bundle.entry[1].resource.gender']])
  expect(await countAll(ward)).toEqual(before)
})

test('an extension of the mapping’s own goes into its column', async () => {
  const extension = [
    { url: `${EXTENSION}/weight`, valueDecimal: 37.25 },
    { url: `${EXTENSION}/vip`, valueBoolean: false },
  ]
  const answer = await ward.send('POST', 'Patient', patient('w@example.org', { extension }))
  expect(answer.json).toMatchObject({ extension })
  expect(await ward.raw('ward.patients', { id: keyOf(answer) })).toMatchObject({
    weight: { $numberDouble: '37.25' },
    vip: false,
  })
})

test('rows that would name one another before either has its key are refused, in one sentence, and nothing is made', async () => {
  const [first, second] = [
    'urn:uuid:9d7c6b5a-0000-4000-8000-000000000001',
    'urn:uuid:9d7c6b5a-0000-4000-8000-000000000002',
  ]
  const entryOf = (fullUrl: string, other: string, email: string) => ({
    fullUrl,
    resource: patient(email, { link: [{ other: { reference: other }, type: 'seealso' }] }),
    request: { method: 'POST', url: 'Patient' },
  })
  const before = await countAll(ward)
  const entry = [entryOf(first, second, 'one@circle.org'), entryOf(second, first, 'two@circle.org')]
  const { status, json } = await ward.send('POST', '', { resourceType: 'Bundle', type: 'transaction', entry })
  expect([status, json.issue?.[0]]).toMatchObject([
    422,
    {
      code: 'processing',
      diagnostics: expect.stringMatching(/circle.*create one of them first/),
      expression: ['Bundle.entry[0].resource'],
    },
  ])
  expect(await countAll(ward)).toEqual(before)
  const [one, two] = [entry[0]!, { ...entry[1]!, resource: patient('two@circle.org') }]
  const made = await ward.send('POST', '', { resourceType: 'Bundle', type: 'transaction', entry: [one, two] })
  expect(made.status).toBe(200)
})
