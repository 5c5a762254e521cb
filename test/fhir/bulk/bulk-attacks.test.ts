/** Exports and imports as somebody tries them who wants what is not theirs, or wants to hold up others. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { BulkServer, ManifestFile } from '../../support/bulk-server.ts'
import { ASYNC, linesIn, namesIn, startBulkServer } from '../../support/bulk-server.ts'

let bulk: BulkServer
let status: string
let file: ManifestFile

beforeAll(async () => {
  bulk = await startBulkServer()
  const { server } = bulk
  for (const id of ['1', '2']) await server.put({ resourceType: 'Patient', id })
  await server.put({ resourceType: 'Patient', id: 'secret' }, { tenant: 'other' })
  await server.put({ resourceType: 'Organization', id: 'clinic' })
  const member = [{ entity: { reference: 'Patient/1' } }]
  await server.put({ resourceType: 'Group', id: 'g', type: 'person', actual: true, member })
  bulk.startWorker()
  status = await bulk.begin('$export?_type=Patient')
  file = (JSON.parse((await bulk.ended(status)).text) as { output: ManifestFile[] }).output[0] as ManifestFile
})

afterAll(() => bulk.stop())

test('status, files and cancellation are for who asked, and for nobody else', async () => {
  const { jobs } = bulk.server.store
  const _id = status.split('/').at(-1) ?? ''
  await jobs.updateOne({ _id }, { $set: { by: 'somebody else' } })
  const never = (await bulk.server.get('$bulk-status/jnothing')).text
  for (const [method, url] of [['GET', status] as const, ['GET', file.url] as const, ['DELETE', status] as const]) {
    const answer = await bulk.server.send(method, url)
    expect([answer.status, answer.text]).toEqual([404, never])
  }
  await jobs.updateOne({ _id }, { $set: { by: 'anonymous' } })
  expect((await bulk.server.get(status)).status).toBe(200)
  expect(await linesIn(file)).toHaveLength(2)
})

test('no name of a file leads anywhere but to a file of the job', async () => {
  const names = [
    '..%2F..%2Fetc%2Fpasswd',
    '%2e%2e',
    '..',
    'Patient-1.ndjson.gz',
    'Patient-1-1.ndjson.gz',
    'Patient-1.ndjson%00',
    'Patient-1.ndjson/..',
    'refused.ndjson',
    'left-out.ndjson',
    '__proto__',
  ]
  const folder = file.url.replace(/[^/]*$/, '')
  for (const name of names) {
    const answer = await fetch(`${folder}${name}`)
    expect([name, answer.status < 500 && answer.status >= 400]).toEqual([name, true])
    expect(await answer.text()).not.toContain('Patient')
  }
})

test.each(['{"$ne":null}', '%24ne', '[object%20Object]', 'j'.repeat(5_000), '%00', '__proto__'])(
  'there is no job named %j',
  async (name) => {
    expect((await bulk.server.get(`$bulk-status/${name}`)).status).toBe(404)
  },
)

test.each([
  'Patient?_id=1,2,secret',
  'Patient?_id:not=nothing',
  'Patient?_filter=_id%20ne%20nothing',
  'Patient?_has:Group:member:_id=g&_id=2',
  'Patient?_id=2&_id=2',
])('a search of _typeFilter never brings more than the export has: %s', async (search) => {
  const names = await exported(`Group/g/$export?_type=Patient&_typeFilter=${encodeURIComponent(search)}`)
  expect(names.filter((name) => name !== 'Patient/1')).toEqual([])
})

test.each([
  ['Patient?_type=Organization', '_type'],
  ['Patient?_count=1', '_count'],
  ['Patient?_include=*', '_include'],
  ['Organization?name=x', '_typeFilter'],
  ['Patient/1?name=x', '_typeFilter'],
  ['../other/Patient?_id=secret', '_typeFilter'],
  ['?_id=1', '_typeFilter'],
])('%s is refused as a search of patients', async (search, said) => {
  const path = `$export?_type=Patient&_typeFilter=${encodeURIComponent(search)}`
  const { status: code, json } = await bulk.server.get(path, { headers: ASYNC })
  expect([code, json.issue?.[0]?.diagnostics]).toEqual([400, expect.stringContaining(said)])
})

async function exported(path: string): Promise<string[]> {
  return namesIn((await bulk.manifest(path)).output)
}

const many = (count: number, parameter: (index: number) => object): object => ({
  ...{ resourceType: 'Parameters', parameter: Array.from({ length: count }, (_, index) => parameter(index)) },
})

test.each([
  ['searches', many(5_000, (index) => ({ name: '_typeFilter', valueString: `Patient?_id=${index}` }))],
  ['one search', many(1, () => ({ name: '_typeFilter', valueString: `Patient?_id=${'1,'.repeat(1_000_000)}` }))],
  ['patients', many(50_000, (index) => ({ name: 'patient', valueReference: { reference: `Patient/${index}` } }))],
  ['elements', many(50_000, (index) => ({ name: '_elements', valueString: `e${index}` }))],
  ['types', many(50_000, (index) => ({ name: '_type', valueString: `T${index}` }))],
])('an enormous list of %s is turned away in words', async (_what, body) => {
  const { status: code, json } = await bulk.server.send('POST', 'Patient/$export', body, ASYNC)
  expect([code, json.resourceType]).toEqual([400, 'OperationOutcome'])
})

test('what was left out of an enormous request is told with measure', async () => {
  const body = many(20_000, (index) => ({ name: `${'x'.repeat(500)}${index}`, valueString: 'x' }))
  const headers = { Prefer: 'respond-async, handling=lenient' }
  const { status: code, headers: answered } = await bulk.server.send('POST', '$export', body, headers)
  expect(code).toBe(202)
  const job = await bulk.server.store.jobs.findOne({ _id: answered.get('content-location')?.split('/').at(-1) ?? '' })
  expect(job?.kind === 'export' && JSON.stringify(job.wish.ignored).length).toBeLessThan(20_000)
  await bulk.server.send('DELETE', answered.get('content-location') ?? '')
})

test('a batch cannot gather files of exports', async () => {
  const url = file.url.replace(/.*\/fhir\/R4\//, '')
  const entry = Array.from({ length: 3 }, () => ({ request: { method: 'GET', url } }))
  const { text } = await bulk.server.send('POST', '', { resourceType: 'Bundle', type: 'batch', entry })
  expect(text).not.toContain('"Patient"')
  expect(text).toContain('400')
})

test('a job is asked for as one tenant only, whatever it is called', async () => {
  await bulk.server.store.tenants.updateOne({ _id: 'other' }, { $set: { name: 'other' } }, { upsert: true })
  expect(await exported('/t/other/fhir/R4/$export?_type=Patient&_typeFilter=Patient%3F_id%3D1,secret')).toEqual([
    'Patient/secret',
  ])
  expect((await bulk.server.get('/t/other/fhir/R4/Group/g/$export', { headers: ASYNC })).status).toBe(404)
})
