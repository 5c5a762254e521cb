/** A sealed field on every path: its value is nowhere in what the gateway keeps, and in clear for who may read it. */
import { createSecretKey, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Document } from 'mongodb'
import { anybodyIn } from '../../src/access/caller.ts'
import { fhirHandler } from '../../src/fhir/router.ts'
import type { Answer, FhirHandler } from '../../src/http/answer.ts'
import { Deadline } from '../../src/kernel/deadline.ts'
import { GatewayError } from '../../src/kernel/errors.ts'
import { defaultLimits } from '../../src/kernel/limits.ts'
import type { Plan } from '../../src/projection/plan.ts'
import { registryOf } from '../../src/r4/registry.ts'
import type { Seals } from '../../src/seal/seals.ts'
import { openStore } from '../../src/store/collections.ts'
import { searchState } from '../../src/store/indexing.ts'
import { resourceReader } from '../../src/store/resource-reader.ts'
import { bodyOf, files, openClinic, testPlan, uniqueDatabases } from '../projection/clinic.ts'
import type { Clinic } from '../projection/clinic.ts'
import { newSealKey, sharedKey, testSeals } from '../support/seals.ts'

const SYSTEM = 'https://interop.example.org/sid/clinic/policy'
const rule = '  - { fhir: "identifier[system=IB/sid/clinic/policy].value", field: p.policy, sealed: true }\n'
const columns = files['clinic/columns.yaml']?.replace('pin: secret', 'pin: secret, policy: text') ?? ''
const patient =
  files['clinic/patient.yaml']?.replace('key: p.id', 'direction: rw\ndelete: { remove: row }\nkey: p.id') ?? ''
const sealedMapping = {
  'clinic/columns.yaml': columns,
  'clinic/patient.yaml': patient.replace('not-mapped', `${rule}not-mapped`),
}

let clinic: Clinic
let plan: Plan
let handle: FhirHandler

function handlerOf(seals: Seals): FhirHandler {
  const store = openStore(clinic.client, clinic.databases.gateway, seals)
  return fhirHandler({
    reader: resourceReader(store),
    searchState: searchState(store),
    writeBack: { store, plan, routing: {} },
    pageKey: createSecretKey(randomBytes(32)),
    profiles: new Map(),
    registry: registryOf(),
    limits: defaultLimits,
    fileTypes: ['*/*'],
  })
}

beforeAll(async () => {
  const databases = uniqueDatabases()
  clinic = await openClinic(databases)
  plan = testPlan(databases, sealedMapping)
  handle = handlerOf(testSeals())
  await clinic.work(plan)
  const people = ['0001', '0002', '0003'].map((number) => ({
    ...{ id: `p${number}`, name: `Person ${number}`, born: '1980-02-29', policy: `POL-${number}` },
  }))
  await clinic.table('people').insertMany(people)
  await clinic.settle()
})
afterAll(() => clinic.close())

interface Sent {
  readonly body?: object | string
  readonly query?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly by?: FhirHandler
}

async function ask(method: string, path: string, { body, query = '', headers = {}, by = handle }: Sent = {}) {
  const all: Readonly<Record<string, string>> = { ...(body && { 'content-type': 'application/fhir+json' }), ...headers }
  const request = {
    ...{ method, path: path.split('/'), query: [...new URLSearchParams(query)], tenant: 'default' },
    ...{ base: 'http://127.0.0.1/fhir/R4', caller: anybodyIn('default'), deadline: new Deadline(10_000) },
    ...(body && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    header: (name: string) => all[name],
  }
  try {
    return await answered(await by(request))
  } catch (error) {
    if (error instanceof GatewayError) return { status: error.status, text: error.message, json: {} as Bundle }
    throw error
  }
}

interface Bundle {
  readonly total?: number
  readonly entry?: readonly { readonly resource: { readonly id: string } }[]
}

async function answered({ status, body, stream }: Answer) {
  const text = stream ? (await stream.toArray()).join('') : (body?.toString() ?? '')
  return { status, text, json: (text === '' ? {} : JSON.parse(text)) as Bundle }
}

const find = async (query: string, by = handle): Promise<string[] | string> => {
  const { status, json, text } = await ask('GET', 'Patient', { query, by })
  return status === 200 ? (json.entry ?? []).map(({ resource }) => resource.id) : `${status} ${text}`
}

/** Collections of the gateway in which a text stands, raw as it is stored. */
async function where(text: string): Promise<string[]> {
  const { db } = clinic.store
  const names = (await db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name)
  const found: string[] = []
  for (const name of names) {
    const documents = (await db.collection(name).find({}, { raw: true }).toArray()) as Document[]
    if (documents.some((bytes) => (bytes as Buffer).includes(text))) found.push(name)
  }
  return found
}

test('The value is in no collection of the gateway, and in clear in every answer.', async () => {
  expect(await where('POL-')).toEqual([])
  expect((await clinic.store.resources.findOne({ _id: 'default/Patient/c-p0001' }))?.body).toMatch(
    /"value":\t"1\.[\w-]{8}\./,
  )
  expect((await ask('GET', 'Patient/c-p0001')).text).toContain(`{"system":"${SYSTEM}","value":"POL-0001"}`)
  for (const [path, query] of [
    ['Patient/c-p0001/_history/1', ''],
    ['Patient/c-p0001/_history', ''],
    ['Patient', '_id=c-p0001'],
    ['Patient', '_id=c-p0001&_elements=identifier'],
    ['Patient', '_sort=-_lastUpdated'],
    ['_history', ''],
    ['Patient/c-p0001/$everything', ''],
    ['Patient/c-p0001/$graphql', 'query={ identifier { value } }'],
  ] as const) {
    const { status, text } = await ask('GET', path, { query })
    expect([path, query, status, text.includes('POL-0001'), text.includes('\t')]).toEqual([
      path,
      query,
      200,
      true,
      false,
    ])
  }
  expect((await ask('GET', 'Patient/c-p0001/$lineage')).status).toBe(200)
})

test('It is found by the whole value, with its system and without, and by nothing less.', async () => {
  expect(await find(`identifier=${SYSTEM}|POL-0002`)).toEqual(['c-p0002'])
  expect(await find('identifier=POL-0002,POL-0003')).toEqual(['c-p0002', 'c-p0003'])
  expect(await find(`identifier:not=POL-0002&identifier=${SYSTEM}|`)).toEqual(['c-p0001', 'c-p0003'])
  expect(await find('identifier=POL-000')).toEqual([])
  expect(await find('identifier=pol-0002')).toEqual([])
  expect(await find('identifier=urn:other|POL-0002')).toEqual([])
  expect(await find('_filter=identifier eq POL-0003')).toEqual(['c-p0003'])
  expect(await find('identifier=https://interop.example.org/sid/clinic/people|p0001')).toEqual(['c-p0001'])
  expect(await find('identifier:missing=false&_id=c-p0001')).toEqual(['c-p0001'])
  expect(await find('_sort=identifier')).toMatch(/^400 Patient cannot be sorted by "identifier": its values are sealed/)
  expect(await find('identifier:in=http://x')).toMatch(/^4\d\d /)
  const exported = await ask('GET', '$export', { query: '_typeFilter=Patient?identifier=POL-0002' })
  expect([exported.status, exported.text.includes('POL-0002')]).toEqual([exported.status, false])
  expect(await where('POL-')).toEqual([])
})

test('What did not change makes no version, though it would be sealed as another text; what did is sealed again.', async () => {
  const id = 'default/Patient/c-p0001'
  const before = await clinic.store.resources.findOne({ _id: id })
  await clinic.table('people').updateOne({ id: 'p0001' }, { $set: { pin: '1' } })
  await clinic.table('people').updateOne({ id: 'p0001' }, { $set: { pin: '2', account: 'nobody' } })
  await clinic.settle()
  expect((await clinic.store.resources.findOne({ _id: id }))?.body).toBe(before?.body)
  await clinic.table('people').updateOne({ id: 'p0001' }, { $set: { name: 'Renamed' } })
  const after = await clinic.until(id, (found) => found?.v === (before?.v ?? 0) + 1)
  expect(after?.k).not.toEqual(before?.k)
  expect(await find('identifier=POL-0001&name=renamed')).toEqual(['c-p0001'])
})

test('It is written by FHIR: updates, both patches, conditions by it, and what is written beside it.', async () => {
  const current = JSON.parse((await ask('GET', 'Patient/c-p0002')).text) as { identifier: { value: string }[] }
  const identifier = current.identifier.map((each) =>
    each.value === 'POL-0002' ? { ...each, value: 'POL-1112' } : each,
  )
  const photo = [{ url: 'https://example.org/POL-beside.png' }]
  const put = await ask('PUT', 'Patient', { body: { ...current, identifier, photo }, query: 'identifier=POL-0002' })
  expect([put.status, put.text.includes('POL-1112')]).toEqual([200, true])
  expect(await clinic.table('people').findOne({ id: 'p0002' })).toMatchObject({ policy: 'POL-1112' })
  const same = await ask('PUT', 'Patient/c-p0002', { body: { ...current, identifier, photo } })
  expect([same.status, /"versionId":"(\d+)"/.exec(same.text)?.[1]]).toEqual([200, '2'])
  const at = identifier.findIndex(({ value }) => value === 'POL-1112')
  const patch = JSON.stringify([
    { op: 'test', path: `/identifier/${at}/value`, value: 'POL-1112' },
    { op: 'replace', path: `/identifier/${at}/value`, value: 'POL-2222' },
  ])
  const headers = { 'content-type': 'application/json-patch+json' }
  expect((await ask('PATCH', 'Patient/c-p0002', { body: patch, headers })).text).toContain('POL-2222')
  expect(await find('identifier=POL-2222')).toEqual(['c-p0002'])
  expect(await find('identifier=POL-1112')).toEqual([])
  const made = { resourceType: 'Patient', identifier: [{ system: 'urn:x', value: 'POL-own' }] }
  const unless = await ask('POST', 'Patient', { body: made, headers: { 'if-none-exist': 'identifier=POL-2222' } })
  expect(unless.status).toBe(200)
  const differences = await ask('GET', 'Patient/c-p0002/$diff')
  expect([differences.status, differences.text.includes('POL-2222')]).toEqual([200, true])
  expect((await ask('GET', 'Patient/c-p0002')).text).toContain('POL-beside')
  expect(await where('POL-')).toEqual(await where('POL-beside.png'))
})

test('A deleted one keeps nothing in clear either, and its history is read.', async () => {
  expect((await ask('DELETE', 'Patient/c-p0003')).status).toBe(204)
  expect((await ask('GET', 'Patient/c-p0003')).status).toBe(410)
  expect((await ask('GET', 'Patient/c-p0003/_history')).text).toContain('POL-0003')
  expect(await where('POL-0003')).toEqual([])
})

test('Put into another record, changed, or without its key it is refused; others are read meanwhile.', async () => {
  const [one, two] = ['default/Patient/c-p0001', 'default/Patient/c-p0002']
  const sealed = /\t"([^"]+)"/
  const bodies = await clinic.store.resources.find({ _id: { $in: [one, two] } }).toArray()
  const [body = '', other = ''] = [one, two].map((id) => bodies.find(({ _id }) => _id === id)?.body)
  const token = sealed.exec(other)?.[1] ?? ''
  const flipped = token.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')).replace(/\.(.)(?=[\w-]{10})(?!.*\.)/, '.$1')
  const damaged = (sealed.exec(body)?.[1] ?? '').replace(
    /(.{20})(.)/,
    (_, start: string, at: string) => start + (at === 'x' ? 'y' : 'x'),
  )
  for (const text of [token, damaged, flipped]) {
    await clinic.store.resources.updateOne({ _id: one }, { $set: { body: body.replace(sealed, `\t"${text}"`) } })
    const [bad, good] = await Promise.all([ask('GET', 'Patient/c-p0001'), ask('GET', 'Patient/c-p0002')])
    expect([bad.status, good.status]).toEqual([503, 200])
    expect(bad.text).toMatch(/The sealed value of identifier\[1\]\.value does not open/)
    expect(bad.text).not.toContain('POL')
  }
  await clinic.store.resources.updateOne({ _id: one }, { $set: { body } })
  expect((await ask('GET', 'Patient/c-p0001')).status).toBe(200)
  const without = handlerOf(testSeals(newSealKey()))
  const refused = await ask('GET', 'Patient/c-p0001', { by: without })
  expect([refused.status, refused.text]).toEqual([503, expect.stringContaining('that the gateway does not have')])
  expect((await ask('GET', 'Patient/c-mark0', { by: without })).status).toBe(200)
})

test('With a new key before the old one all is read and found, what is written is sealed with the new one, nothing else changes.', async () => {
  const fresh = newSealKey()
  const both = handlerOf(testSeals(fresh, sharedKey))
  const id = 'default/Patient/c-p0001'
  const before = await clinic.store.resources.findOne({ _id: id })
  const current = JSON.parse((await ask('GET', 'Patient/c-p0001', { by: both })).text) as object
  expect((await ask('PUT', 'Patient/c-p0001', { body: current, by: both })).status).toBe(200)
  expect((await clinic.store.resources.findOne({ _id: id }))?.v).toBe(before?.v)
  const changed = { ...current, name: [{ text: 'New key' }] }
  expect((await ask('PUT', 'Patient/c-p0001', { body: changed, by: both })).status).toBe(200)
  expect((await clinic.store.resources.findOne({ _id: id }))?.body).toContain(`\t"1.${fresh.kid}.`)
  expect(await find('identifier=POL-0001', both)).toEqual(['c-p0001'])
  expect(await find('identifier=POL-2222', both)).toEqual(['c-p0002'])
  // Who has the old one only says so
  expect((await ask('GET', 'Patient/c-p0001')).text).toContain(`the key ${fresh.kid} that the gateway does not have`)
  await clinic.store.resources.replaceOne({ _id: id }, before as never)
  await clinic.store.versions.deleteOne({ _id: `${id}/${String((before?.v ?? 0) + 1).padStart(10, '0')}` })
})

test('What a client sends that looks sealed is a value like any other.', async () => {
  const current = bodyOf(await clinic.store.resources.findOne({ _id: 'default/Patient/c-mark0' }))
  const text = '\t1.AAAAAAAA.AAAA'
  const sent = JSON.stringify({ ...current, photo: [{ title: text.trim() }], name: [{ text: 'Mark' }] })
  expect((await ask('PUT', 'Patient/c-mark0', { body: sent.replaceAll(':"', ':\t"') })).status).toBe(200)
  expect((await ask('GET', 'Patient/c-mark0')).text).toContain('"title":"1.AAAAAAAA.AAAA"')
})

test('A field that becomes sealed, and one that is not any more, is kept as the mapping says from then on.', async () => {
  const id = 'default/Patient/c-p0001'
  const clear = {
    ...sealedMapping,
    'clinic/patient.yaml': sealedMapping['clinic/patient.yaml'].replace(', sealed: true', ''),
  }
  await clinic.work(testPlan(clinic.databases, clear))
  await clinic.until(id, (found) => found?.body.includes('"POL-0001"') === true)
  await clinic.work(plan)
  await clinic.until(id, (found) => found?.body.includes('POL-0001') === false)
  expect(await find('identifier=POL-0001')).toEqual(['c-p0001'])
})

test.each([
  ['key: p.policy', 'key: p.id', /"p\.policy" is sealed in another place/],
  [
    '  - { fhir: "name[1].text", field: p.policy }\n  - { fhir: birthDate',
    '  - { fhir: birthDate',
    /is sealed in another place/,
  ],
  [
    'field: p.born, codec: date, sealed: true',
    'field: p.born, codec: date',
    /only a rule of one column and one element/,
  ],
  [
    'fhir: gender, sealed: true, field: p.name',
    'fhir: "name[0].text", field: p.name',
    /is no single string|codec text/,
  ],
])('A mapping with %s is refused: what is sealed in one place is in clear in none.', (after, before, sentence) => {
  const text = sealedMapping['clinic/patient.yaml'].replace(before, after)
  expect(() => testPlan(clinic.databases, { ...sealedMapping, 'clinic/patient.yaml': text })).toThrow(sentence)
})
