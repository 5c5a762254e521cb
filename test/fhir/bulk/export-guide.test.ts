/** What the Bulk Data guide says beside the ordinary course of an export (export.test.ts), point by point. */
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { BulkServer, ManifestFile } from '../../support/bulk-server.ts'
import { ASYNC, linesIn, namesIn, startBulkServer } from '../../support/bulk-server.ts'

const LENIENT = { headers: { Prefer: 'respond-async, handling=lenient' } }

let bulk: BulkServer

beforeAll(async () => {
  bulk = await startBulkServer()
  const { server } = bulk
  for (const id of ['1', '2']) {
    const subject = { reference: `Patient/${id}` }
    await server.put({ resourceType: 'Patient', id })
    await server.put({ resourceType: 'Observation', id: `o${id}`, status: 'final', code: { text: 'x' }, subject })
  }
  await server.put({ resourceType: 'Organization', id: 'clinic', name: 'Clinic' })
  const provenance = (id: string, target: string): Promise<string> =>
    server.put({
      ...{ resourceType: 'Provenance', id, recorded: '2026-01-01T00:00:00Z' },
      ...{ target: [{ reference: target }], agent: [{ who: { display: 'x' } }] },
    })
  await provenance('of-patient', 'Patient/1')
  await provenance('of-observation', 'Observation/o2')
  await provenance('of-clinic', 'Organization/clinic')
  bulk.startWorker()
})

afterAll(() => bulk.stop())

async function exported(path: string, init?: RequestInit): Promise<string[]> {
  return namesIn((await bulk.manifest(path, init)).output)
}

async function group(id: string, patients: readonly string[]): Promise<void> {
  const member = patients.map((each) => ({ entity: { reference: `Patient/${each}` } }))
  await bulk.server.put({ resourceType: 'Group', id, type: 'person', actual: true, member })
}

test('the capability statement says that the guide is followed', async () => {
  const { instantiates } = JSON.parse((await bulk.server.get('metadata')).text) as { instantiates: string[] }
  expect(instantiates).toEqual(['http://hl7.org/fhir/uv/bulkdata/CapabilityStatement/bulk-data'])
})

test('with records of patients come the Provenances of what is in them', async () => {
  const about = '_type=Observation,Provenance'
  expect(await exported(`Patient/$export?${about}`)).toEqual([
    ...['Observation/o1', 'Observation/o2', 'Provenance/of-observation', 'Provenance/of-patient'],
  ])
  await group('two', ['2'])
  expect(await exported(`Group/two/$export?${about}`)).toEqual(['Observation/o2', 'Provenance/of-observation'])
  expect(await exported('$export?_type=Provenance')).toHaveLength(3)
})

test('a group may have more members than MongoDB could be asked for by name', async () => {
  await group('many', ['2', ...Array.from({ length: 20_000 }, (_, index) => `nobody-${index}`)])
  expect(await exported('Group/many/$export?_type=Patient,Observation,Provenance')).toEqual([
    ...['Observation/o2', 'Patient/2', 'Provenance/of-observation'],
  ])
})

test('the addresses of attachments are whole, whether they were stored so or not', async () => {
  const content = [
    { attachment: { contentType: 'text/plain', url: 'Binary/note' } },
    { attachment: { contentType: 'text/plain', url: 'https://example.org/Binary/other' } },
  ]
  const description = 'an address like "url":"Binary/text" in a text'
  await bulk.server.put({ resourceType: 'DocumentReference', id: 'd', status: 'current', content, description })
  const { output } = await bulk.manifest('$export?_type=DocumentReference')
  const [line] = await linesIn(output[0] as ManifestFile)
  const urls = (line?.['content'] as typeof content).map(({ attachment }) => attachment.url)
  expect(urls).toEqual([`${bulk.server.origin}/fhir/R4/Binary/note`, 'https://example.org/Binary/other'])
  expect(line?.['description']).toBe(description)
})

test.each(['_until=2026-01-01T00:00:00Z', 'organizeOutputBy=Patient', 'allowPartialManifests=true'])(
  '%s, of a later guide, is refused, and left out where handling is lenient',
  async (query) => {
    const [name = ''] = query.split('=')
    const answer = await bulk.server.get(`$export?${query}`, { headers: ASYNC })
    expect([answer.status, answer.json.issue?.[0]?.code]).toEqual([400, 'not-supported'])
    const { error } = await bulk.manifest(`$export?_type=Organization&${query}`, LENIENT)
    const [said] = await linesIn(error[0] as ManifestFile)
    expect(JSON.stringify(said)).toContain(name)
  },
)

test('all that lenient handling left out is in the manifest, a warning each', async () => {
  const query = '_type=Organization,Nonsense&nonsense=1&includeAssociatedData=LatestProvenanceResources'
  const { output, error } = await bulk.manifest(`$export?${query}`, LENIENT)
  expect(await namesIn(output)).toEqual(['Organization/clinic'])
  expect(error).toEqual([expect.objectContaining({ type: 'OperationOutcome', count: 3 })])
  const lines = await linesIn(error[0] as ManifestFile)
  const issues = lines.map(({ issue }) => (issue as { severity: string; diagnostics: string }[])[0])
  expect(issues.map((each) => each?.severity)).toEqual(['warning', 'warning', 'warning'])
  for (const name of ['nonsense', 'Nonsense', 'includeAssociatedData']) expect(JSON.stringify(issues)).toContain(name)
})

test('asked by POST, the request of the manifest is the address alone', async () => {
  const parameter = [
    { name: '_type', valueString: 'Organization,Patient' },
    { name: '_type', valueString: 'Observation' },
    { name: '_typeFilter', valueString: 'Patient?_id=1' },
    { name: '_outputFormat', valueString: 'application/fhir+ndjson' },
  ]
  const headers = { 'Content-Type': 'application/fhir+json' }
  const body = JSON.stringify({ resourceType: 'Parameters', parameter })
  const { request, output } = await bulk.manifest('$export', { method: 'POST', headers, body })
  expect(request).toBe(`${bulk.server.origin}/fhir/R4/$export`)
  expect(await namesIn(output)).toEqual(['Observation/o1', 'Observation/o2', 'Organization/clinic', 'Patient/1'])
})

test('elements are those of a resource itself, of types that are exported', async () => {
  for (const elements of ['Patient.name.family', 'Patient.name&_type=Observation']) {
    const { status, json } = await bulk.server.get(`$export?_elements=${elements}`, { headers: ASYNC })
    expect([status, json.issue?.[0]?.diagnostics]).toEqual([400, expect.stringContaining('_elements')])
  }
  const { output } = await bulk.manifest('$export?_type=Observation&_elements=subject')
  const [line] = await linesIn(output[0] as ManifestFile)
  // What R4 says must be there is there
  expect(Object.keys(line ?? {}).sort()).toEqual(['code', 'id', 'meta', 'resourceType', 'status', 'subject'])
})

test('a deletion is answered with an outcome, and all that comes after it with 404', async () => {
  const status = await bulk.begin('$export?_type=Organization')
  const gone = await bulk.server.send('DELETE', status)
  expect([gone.status, gone.json.resourceType]).toEqual([202, 'OperationOutcome'])
  for (const method of ['GET', 'DELETE']) {
    const { status: code, json } = await bulk.server.send(method, status)
    expect([code, json.resourceType]).toEqual([404, 'OperationOutcome'])
  }
})

test('who asks for a status without a pause is told to wait', async () => {
  const answers = await Promise.all(Array.from({ length: 130 }, () => bulk.server.get('$bulk-status/jnothing')))
  const last = answers.find(({ status }) => status === 429)
  expect(last?.json.issue?.[0]?.code).toBe('throttled')
  expect(last?.headers.get('retry-after')).toBe('1')
  expect(answers.filter(({ status }) => status === 404).length).toBeGreaterThanOrEqual(100)
})

test('a file of nothing is not there, and what is there is counted', async () => {
  const manifest = await bulk.manifest('$export?_type=Medication')
  expect([manifest.output, manifest.error]).toEqual([[], []])
  const { output } = await bulk.manifest('$export?_type=Organization')
  const text = await (await fetch(output[0]?.url ?? '')).text()
  expect(createHash('sha256').update(text).digest('hex')).toBe(output[0]?.extension.sha256)
})
