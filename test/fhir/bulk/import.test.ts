/** $import over HTTP on real services. */
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { BulkServer, Line, Manifest } from '../../support/bulk-server.ts'
import { ASYNC, startBulkServer } from '../../support/bulk-server.ts'
import { wardDefinitions, wardPatient } from '../../support/ward-profile.ts'

const imports = mkdtempSync(join(tmpdir(), 'isthmus-imports-'))

let bulk: BulkServer

beforeAll(async () => {
  mkdirSync(join(imports, 'other'))
  writeFileSync(join(imports, 'other', 'secret.ndjson'), text(patient('of-others')))
  bulk = await startBulkServer({ imports, limits: { bodyBytes: 2_048 } })
  bulk.startWorker()
})

afterAll(async () => {
  await bulk.stop()
  rmSync(imports, { recursive: true, force: true })
})

const NDJSON = { ...ASYNC, 'Content-Type': 'application/fhir+ndjson' }

function send(body: string | Buffer<ArrayBuffer>, headers: Readonly<Record<string, string>> = {}): Promise<Manifest> {
  return bulk.manifest('$import', { method: 'POST', headers: { ...NDJSON, ...headers }, body })
}

function ask(manifest: object): Promise<Manifest> {
  const headers = { ...ASYNC, 'Content-Type': 'application/json' }
  return bulk.manifest('$import', { method: 'POST', headers, body: JSON.stringify(manifest) })
}

async function reportOf({ error }: Manifest): Promise<Line[]> {
  const text = await (await fetch(error[0]?.url ?? '')).text()
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)
}

const text = (...resources: readonly object[]): string => resources.map((each) => `${JSON.stringify(each)}\n`).join('')
const patient = (id: string, more: object = {}): object => ({ resourceType: 'Patient', id, ...more })

test('lines that are sent are stored as updates are, and a second time changes nothing', async () => {
  const body = text(patient('s1', { gender: 'male' }), patient('s2'))
  expect((await send(body)).extension?.counts).toEqual({ created: 2, updated: 0, unchanged: 0, refused: 0 })
  expect((await send(body)).extension?.counts).toEqual({ created: 0, updated: 0, unchanged: 2, refused: 0 })
  expect((await send(text(patient('s1', { gender: 'female' })))).extension?.counts).toMatchObject({ updated: 1 })
  expect((await bulk.server.get('Patient/s1')).text).toContain('"gender":"female"')
  expect(await bulk.server.methods('Patient/s1')).toHaveLength(2)
  expect(await bulk.server.ids('Patient?gender=female')).toEqual(['s1'])
})

test('what is refused is reported with line, reason and element, and stops nothing', async () => {
  const lines = [
    JSON.stringify(patient('r1')),
    'no JSON at all',
    JSON.stringify(patient('r2', { gender: 7 })),
    '',
    JSON.stringify({ resourceType: 'Nonsense', id: 'r3' }),
    JSON.stringify({ resourceType: 'Patient' }),
    JSON.stringify(patient('r4', { name: [{ text: 'x'.repeat(3_000) }] })),
    JSON.stringify(patient('r5')),
  ]
  const manifest = await send(lines.join('\r\n'))
  expect(manifest.extension?.counts).toEqual({ created: 2, updated: 0, unchanged: 0, refused: 5 })
  expect(manifest.error).toEqual([{ type: 'OperationOutcome', url: manifest.error[0]?.url, count: 5 }])
  const report = await reportOf(manifest)
  const issues = report.map(({ issue }) => (issue as { diagnostics: string; expression?: string[] }[])[0])
  expect(issues.map((each) => /^body, line (\d+): ./.exec(each?.diagnostics ?? '')?.[1])).toEqual([
    '2',
    '3',
    '5',
    '6',
    '7',
  ])
  expect(issues[1]?.expression).toEqual(['Patient.gender'])
  expect(issues[3]?.expression).toEqual(['Patient.id'])
  // Reports hold no values
  expect(JSON.stringify(report)).not.toContain('xxx')
  expect(await bulk.server.ids('Patient?_id=r1,r2,r4,r5')).toEqual(['r1', 'r5'])
})

test("files of the tenant's folder are named, packed or not, in a manifest or in Parameters", async () => {
  mkdirSync(join(imports, 'default', '2026'), { recursive: true })
  writeFileSync(join(imports, 'default', '2026', 'Patient.ndjson'), text(patient('f1'), patient('f2')))
  writeFileSync(
    join(imports, 'default', 'Patient.ndjson.gz'),
    gzipSync(text(patient('f3'), { resourceType: 'Group', id: 'f4' })),
  )
  const input = [
    { type: 'Patient', url: '2026/Patient.ndjson' },
    { type: 'Patient', url: 'Patient.ndjson.gz' },
  ]
  const manifest = await ask({ inputFormat: 'application/fhir+ndjson', input })
  expect(manifest.extension?.counts).toMatchObject({ created: 3, refused: 1 })
  expect(JSON.stringify(await reportOf(manifest))).toContain('Patient.ndjson.gz, line 2')
  const part = [
    { name: 'type', valueCode: 'Patient' },
    { name: 'url', valueUri: '2026/Patient.ndjson' },
  ]
  const again = await ask({ resourceType: 'Parameters', parameter: [{ name: 'input', part }] })
  expect(again.extension?.counts).toMatchObject({ unchanged: 2, refused: 0 })
})

test.each([
  ['https://internal.example/secrets', 'no address is fetched'],
  ['http://169.254.169.254/latest/meta-data', 'no address is fetched'],
  ['../../etc/passwd', 'no address is fetched'],
  ['/etc/passwd', 'no address is fetched'],
  ['file:///etc/passwd', 'no address is fetched'],
  ['nothing.ndjson', 'not there'],
  ['other/secret.ndjson', 'not there'],
  ['2026', 'not there'],
  ['2026/Patient.ndjson/x', 'not there'],
  ['x'.repeat(300), 'not there'],
])('an import of %s is refused: nothing is fetched, nothing outside the folder is read', async (url, said) => {
  const { status, json } = await bulk.server.send('POST', '$import', { input: [{ type: 'Patient', url }] }, ASYNC)
  expect([status, json.issue?.[0]?.diagnostics]).toEqual([400, expect.stringContaining(said)])
})

test('what is sent packed is unpacked', async () => {
  const manifest = await send(gzipSync(text(patient('z1'))), { 'Content-Encoding': 'gzip' })
  expect(manifest.extension?.counts).toMatchObject({ created: 1 })
})

test('it is asked by POST only, in the background only', async () => {
  expect((await bulk.server.get('$import', { headers: ASYNC })).status).toBe(405)
  const init = { method: 'POST', headers: { 'Content-Type': 'application/fhir+ndjson' }, body: text(patient('n')) }
  expect((await bulk.server.get('$import', init)).status).toBe(400)
})

test('what refers to what comes later in the file, or never comes, is stored as it is said', async () => {
  const observation = (id: string, subject: string): object => ({
    ...{ resourceType: 'Observation', id, status: 'final', code: { text: 'x' } },
    subject: { reference: `Patient/${subject}` },
  })
  const manifest = await send(text(observation('before', 'later'), observation('never', 'nobody'), patient('later')))
  expect(manifest.extension?.counts).toMatchObject({ created: 3, refused: 0 })
  expect(await bulk.server.ids('Observation?patient=later')).toEqual(['before'])
  expect(await bulk.server.ids('Observation?subject:Patient._id=later')).toEqual(['before'])
})

test('one id twice in a file: the last line is what stands, and both are versions', async () => {
  const manifest = await send(text(patient('twice', { gender: 'male' }), patient('twice', { gender: 'female' })))
  expect(manifest.extension?.counts).toMatchObject({ created: 1, updated: 1, refused: 0 })
  expect((await bulk.server.get('Patient/twice')).text).toContain('"gender":"female"')
})

test('what is longer than an import may be, or ends in the middle, is refused and leaves nothing behind', async () => {
  const small = await startBulkServer({ limits: { importBytes: 1_024 } })
  const headers = { ...NDJSON, 'Content-Encoding': 'gzip' }
  const bomb = gzipSync('\n'.repeat(1_000_000))
  const half = gzipSync(text(patient('half'))).subarray(0, 30)
  const ask = (body: Buffer<ArrayBuffer>): Promise<{ status: number }> =>
    small.server.get('$import', { method: 'POST', headers, body })
  expect([(await ask(bomb)).status, (await ask(half)).status]).toEqual([413, 400])
  expect(small.stored()).toEqual([])
  expect(await small.server.store.jobs.countDocuments({})).toBe(0)
  await small.stop()
})

test.each([{}, { 'Content-Encoding': 'gzip' }])(
  'what a client leaves in the middle is given up at once, with %j',
  async (encoding) => {
    const { store, origin } = bulk.server
    const receiving = (): Promise<number> => store.jobs.countDocuments({ state: 'receiving' })
    const headers = { ...ASYNC, ...NDJSON, ...encoding, 'Content-Length': '1000000' }
    const sending = httpRequest(`${origin}/fhir/R4/$import`, { method: 'POST', headers })
    sending.on('error', () => undefined)
    sending.write(gzipSync(randomBytes(100_000)))
    while ((await receiving()) === 0) await sleep(10)
    sending.destroy()
    while ((await receiving()) > 0) await sleep(10)
  },
)

test('beyond the limit of open jobs nothing is received', async () => {
  const small = await startBulkServer({ limits: { bulkJobs: 1 } })
  await small.begin('$export')
  const { status } = await small.server.get('$import', { method: 'POST', headers: NDJSON, body: text(patient('n')) })
  expect(status).toBe(429)
  expect(small.stored()).toEqual([])
  await small.stop()
})

test('what a gateway was receiving when it was killed is removed after the time of an upload', async () => {
  const { jobs } = bulk.server.store
  const job = await jobs.findOne({ kind: 'import' })
  const killed = { ...job, _id: 'jkilled', state: 'receiving', expires: new Date() } as Parameters<
    typeof jobs.insertOne
  >[0]
  mkdirSync(join(bulk.folder, 'jkilled'))
  writeFileSync(join(bulk.folder, 'jkilled', '.unfinished-1'), 'half of it')
  await jobs.insertOne(killed)
  while ((await jobs.countDocuments({ _id: 'jkilled' })) > 0) await sleep(50)
  expect(bulk.stored().join()).not.toContain('jkilled')
})

test('What the policy of the tenant refuses is refused here too, and the report says why', async () => {
  const usual = { invariants: 'refuse', profiles: 'refuse' } as const
  const strict = await startBulkServer({ validation: { usual, tenants: new Map() }, definitions: wardDefinitions })
  strict.startWorker()
  try {
    const lines = [
      { ...wardPatient(), id: 'right' },
      { ...wardPatient(), id: 'nameless', name: [{ text: 'x' }] },
      { resourceType: 'Patient', id: 'unreachable', contact: [{ gender: 'male' }] },
    ]
    const body = text(...lines)
    const manifest = await strict.manifest('$import', { method: 'POST', headers: NDJSON, body })
    expect(manifest.extension?.counts).toEqual({ created: 1, updated: 0, unchanged: 0, refused: 2 })
    const issues = (await reportOf(manifest)).map(
      ({ issue }) => (issue as { diagnostics: string; expression?: string[] }[])[0],
    )
    expect(issues[0]?.expression).toEqual(['Patient.name[0].family'])
    expect(issues[1]?.diagnostics).toContain('pat-1')
  } finally {
    await strict.stop()
  }
})
