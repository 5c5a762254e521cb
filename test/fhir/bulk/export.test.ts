/** $export over HTTP, as a client of the Bulk Data guide does it, on real services. */
import { createHash } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { BulkServer, Manifest } from '../../support/bulk-server.ts'
import { ASYNC, linesIn, namesIn, startBulkServer } from '../../support/bulk-server.ts'

const OLD = '2026-01-01T00:00:00.000Z'

let bulk: BulkServer

beforeAll(async () => {
  bulk = await startBulkServer({ limits: { bulkFileResources: 3 } })
  const { server } = bulk
  const at = { at: OLD }
  for (const id of ['1', '2', '3', '4']) {
    await server.put({ resourceType: 'Patient', id, gender: id === '1' ? 'female' : 'male', name: [{ text: id }] }, at)
    const subject = { reference: `Patient/${id}` }
    const status = id === '2' ? 'final' : 'preliminary'
    await server.put({ resourceType: 'Observation', id: `o${id}`, status, code: { text: 'x' }, subject }, at)
  }
  await server.put({ resourceType: 'Observation', id: 'lonely', status: 'final', code: { text: 'x' } }, at)
  await server.put({ resourceType: 'Organization', id: 'clinic', name: 'Clinic' }, at)
  const member = [
    { entity: { reference: 'Patient/1' } },
    { entity: { reference: 'Patient/2' } },
    { entity: { reference: 'Patient/3' }, inactive: true },
    { entity: { reference: 'Patient/4' }, period: { end: '2020-01-01' } },
  ]
  await server.put({ resourceType: 'Group', id: 'g', type: 'person', actual: true, member }, at)
  await server.put({ resourceType: 'Patient', id: 'other' }, { ...at, tenant: 'other' })
  bulk.startWorker()
})

afterAll(() => bulk.stop())

const EVERYTHING = [
  ...['Group/g', 'Observation/lonely', 'Observation/o1', 'Observation/o2', 'Observation/o3', 'Observation/o4'],
  ...['Organization/clinic', 'Patient/1', 'Patient/2', 'Patient/3', 'Patient/4'],
]

async function exported(path: string, init?: RequestInit): Promise<string[]> {
  return namesIn((await bulk.manifest(path, init)).output)
}

function parameters(...parameter: readonly object[]): RequestInit {
  return {
    method: 'POST',
    headers: { 'Content-Type': 'application/fhir+json' },
    body: JSON.stringify({ resourceType: 'Parameters', parameter }),
  }
}

test('step by step as the SMART bulk-data-client: kick-off, progress, manifest, files', async () => {
  const { server } = bulk
  const begun = await server.get('$export', { headers: ASYNC })
  expect(begun.status).toBe(202)
  const status = begun.headers.get('content-location') ?? ''
  expect(status).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/fhir\/R4\/\$bulk-status\/[\w-]{30,}$/)
  expect(begun.json.resourceType).toBe('OperationOutcome')

  const waiting = await server.get(status)
  expect(waiting.status).toBe(202)
  expect(waiting.headers.get('x-progress')).toMatch(/^\d+%: \d+ of 1\d\d types, \d+ resources$/)
  expect(Number(waiting.headers.get('retry-after'))).toBeGreaterThan(0)

  const done = await bulk.ended(status)
  expect(done.status).toBe(200)
  expect(done.headers.get('content-type')).toMatch(/^application\/json/)
  expect(Date.parse(done.headers.get('expires') ?? '')).toBeGreaterThan(Date.now())
  const manifest = JSON.parse(done.text) as Manifest
  expect(manifest.request).toBe(`${server.origin}/fhir/R4/$export`)
  expect(manifest.requiresAccessToken).toBe(false)
  expect(manifest.error).toEqual([])
  expect(Date.parse(manifest.transactionTime)).toBeLessThan(Date.now())
  expect(await namesIn(manifest.output)).toEqual(EVERYTHING)
  // No more than three in a file here
  expect(manifest.output.filter(({ type }) => type === 'Patient').map(({ count }) => count)).toEqual([3, 1])
})

test('a file goes out packed where the client takes gzip, and as plain lines where it does not', async () => {
  const { output } = await bulk.manifest('$export?_type=Organization')
  const [file] = output
  const packed = await new Promise<{ encoding: string | undefined; bytes: Buffer }>((resolve, reject) => {
    httpRequest(file?.url ?? '', { headers: { 'Accept-Encoding': 'gzip' } }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        resolve({ encoding: response.headers['content-encoding'], bytes: Buffer.concat(chunks) }),
      )
    })
      .on('error', reject)
      .end()
  })
  expect(packed.encoding).toBe('gzip')
  expect(createHash('sha256').update(gunzipSync(packed.bytes)).digest('hex')).toBe(file?.extension.sha256)
  const plain = await fetch(file?.url ?? '', { headers: { 'Accept-Encoding': 'identity' } })
  expect(plain.headers.get('content-encoding')).toBeNull()
  expect(plain.headers.get('content-type')).toBe('application/fhir+ndjson')
  expect(JSON.parse(await plain.text())).toMatchObject({ id: 'clinic' })
})

test('only what asks for an answer in the background gets one', async () => {
  const { server } = bulk
  const { status, json } = await server.get('$export')
  expect([status, json.issue?.[0]?.diagnostics]).toEqual([400, expect.stringContaining('respond-async')])
  expect((await server.get('$export', { headers: { Prefer: 'handling=lenient' } })).status).toBe(202)
})

test('of patients: what is in the compartment of one, and nothing else', async () => {
  const all = EVERYTHING.filter((name) => !/lonely|clinic/.test(name))
  expect(await exported('Patient/$export')).toEqual(all)
  expect(await exported('Patient/$export?_type=Observation')).toEqual(all.filter((name) => name.startsWith('Obs')))
})

test('of patients who are named, and of nobody who is not there', async () => {
  const reference = (text: string): object => ({ name: 'patient', valueReference: { reference: text } })
  const two = parameters(reference('Patient/1'), reference('Patient/3'))
  expect(await exported('Patient/$export', two)).toEqual([
    ...['Group/g', 'Observation/o1', 'Observation/o3', 'Patient/1', 'Patient/3'],
  ])
  const nobody = { resourceType: 'Parameters', parameter: [reference('Patient/nobody')] }
  const { status } = await bulk.server.send('POST', 'Patient/$export', nobody, ASYNC)
  expect(status).toBe(400)
})

test('of a group: its active members', async () => {
  expect(await exported('Group/g/$export?_type=Patient,Observation')).toEqual([
    ...['Observation/o1', 'Observation/o2', 'Patient/1', 'Patient/2'],
  ])
  expect((await bulk.server.get('Group/nobody/$export', { headers: ASYNC })).status).toBe(404)
})

test('searches of _typeFilter choose among a type, several of one type are alternatives', async () => {
  const search = (text: string): string => `_typeFilter=${encodeURIComponent(text)}`
  const names = await exported(`$export?_type=Patient,Observation&${search('Observation?status=final')}`)
  expect(names.filter((name) => name.startsWith('Obs'))).toEqual(['Observation/lonely', 'Observation/o2'])
  expect(names).toContain('Patient/4')
  expect(
    await exported(`$export?_type=Observation&${search('Observation?status=final')}&${search('Observation?_id=o3')}`),
  ).toEqual(['Observation/lonely', 'Observation/o2', 'Observation/o3'])
  expect(await exported(`$export?_type=Observation&${search('Observation?patient.gender=female')}`)).toEqual([
    'Observation/o1',
  ])
})

test('_elements gives parts, tagged as such', async () => {
  const { output } = await bulk.manifest('$export?_type=Patient,Organization&_elements=Patient.gender')
  const lines = (await Promise.all(output.map((file) => linesIn(file)))).flat()
  const patient = lines.find(({ resourceType }) => resourceType === 'Patient')
  expect(Object.keys(patient ?? {}).sort()).toEqual(['gender', 'id', 'meta', 'resourceType'])
  expect(patient?.meta?.tag?.map(({ code }) => code)).toEqual(['SUBSETTED'])
  expect(lines.find(({ id }) => id === 'clinic')).toMatchObject({ name: 'Clinic' })
})

test.each([
  ['_type=Nonsense', 400, '_type'],
  ['_outputFormat=text/csv', 400, '_outputFormat'],
  ['_outputFormat=application/fhir%2Bndjson', 202, ''],
  ['_outputFormat=application/fhir+ndjson', 202, ''],
  ['_outputFormat=ndjson', 202, ''],
  ['_since=yesterday', 400, '_since'],
  ['_typeFilter=Patient', 400, '_typeFilter'],
  ['_typeFilter=Patient%3Fnonsense%3D1', 400, 'nonsense'],
  ['_typeFilter=Patient%3F_sort%3Dname', 400, '_sort'],
  ['_elements=nonsense', 400, 'nonsense'],
  ['includeAssociatedData=LatestProvenanceResources', 400, 'includeAssociatedData'],
  ['nonsense=1', 400, 'nonsense'],
])('$export?%s is answered %d', async (query, status, said) => {
  const answer = await bulk.server.get(`$export?${query}`, { headers: ASYNC })
  expect([answer.status, answer.json.resourceType]).toEqual([status, 'OperationOutcome'])
  expect(answer.json.issue?.[0]?.diagnostics).toContain(said)
  const location = answer.headers.get('content-location')
  if (location !== null) await bulk.server.send('DELETE', location)
})

test('lenient handling leaves out what is not known', async () => {
  const lenient = { headers: { Prefer: 'respond-async, handling=lenient' } }
  expect(await exported('$export?_type=Organization,Nonsense&nonsense=1', lenient)).toEqual(['Organization/clinic'])
})

test('another tenant sees neither the export nor its files, in the words of one that never was', async () => {
  const { server } = bulk
  const status = await bulk.begin('$export?_type=Organization')
  await bulk.ended(status)
  const [, id] = /\$bulk-status\/(.*)$/.exec(status) ?? []
  const never = await server.get('$bulk-status/jnothing')
  const [file] = (await server.get(status)).text.match(/http[^"]*ndjson/) ?? []
  for (const url of [`/t/other/fhir/R4/$bulk-status/${id ?? ''}`, file?.replace('/fhir/', '/t/other/fhir/') ?? '']) {
    await server.store.tenants.updateOne({ _id: 'other' }, { $set: { name: 'other' } }, { upsert: true })
    const foreign = await server.get(url)
    expect([foreign.status, foreign.text]).toEqual([404, never.text])
  }
  expect(await namesIn((await bulk.manifest('/t/other/fhir/R4/$export')).output)).toEqual(['Patient/other'])
})

test('a cancelled export is gone, with its files', async () => {
  const { server } = bulk
  const status = await bulk.begin('$export')
  await bulk.ended(status)
  const [, id = ''] = /\$bulk-status\/(.*)$/.exec(status) ?? []
  expect(bulk.stored()).toContain(id)
  expect((await server.send('DELETE', status)).status).toBe(202)
  expect((await server.get(status)).status).toBe(404)
  expect((await server.send('DELETE', status)).status).toBe(404)
  expect(bulk.stored()).not.toContain(id)
})

test('finished but empty export: not here', async () => {
  const { output } = await bulk.manifest('$export?_type=Patient')
  expect(output.reduce((sum, { count }) => sum + count, 0)).toBe(4)
})
