import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { BulkServer, Manifest } from '../support/bulk-server.ts'
import { ASYNC, namesIn, startBulkServer } from '../support/bulk-server.ts'
import { documentsOf } from '../support/fhir-server.ts'
import { programOf } from '../support/worker-program.ts'

const KILLS = 5
const IN_A_FILE = 40

let bulk: BulkServer
const worker = programOf(new URL('bulk-process.ts', import.meta.url), () => {
  return [bulk.server.store.db.databaseName, bulk.folder, String(IN_A_FILE)]
})

beforeEach(async () => {
  bulk = await startBulkServer()
})

afterEach(async () => {
  await worker.kill()
  await bulk.stop()
})

async function fill(patients: number): Promise<void> {
  const { resources, versions } = bulk.server.store
  const all = Array.from({ length: patients }, (_, index) => {
    const subject = { reference: `Patient/${index}` }
    const observation = { resourceType: 'Observation', id: `o${index}`, status: 'final', code: { text: 'x' }, subject }
    return [documentsOf({ resourceType: 'Patient', id: String(index) }), documentsOf(observation)]
  }).flat()
  await resources.insertMany(all.map(({ document }) => document))
  await versions.insertMany(all.map(({ version }) => version))
}

/** Killed when so many more files, or lines, are done: in the middle of the next. */
async function killAfter(more: number, done: () => Promise<number>): Promise<void> {
  const until = (await done()) + more
  worker.start()
  while ((await done()) < until) await sleep(5)
  await sleep(Math.random() * 20)
  await worker.kill()
}

test('killed with -9 five times, an export has the same resources as one left alone, with right checksums', async () => {
  await fill(1_500)
  const { store } = bulk.server
  const status = await bulk.begin('$export?_type=Patient,Observation')
  const files = async (): Promise<number> => {
    const job = await store.jobs.findOne({})
    return job?.kind === 'export' ? job.files.length : 0
  }
  for (let round = 0; round < KILLS; round++) await killAfter(5, files)
  expect((await bulk.server.get(status)).status).toBe(202)
  worker.start()
  const manifest = JSON.parse((await bulk.ended(status)).text) as Manifest
  const alone = await bulk.manifest('$export?_type=Patient,Observation')
  const names = await namesIn(manifest.output)
  expect(names).toHaveLength(3_000)
  expect(names).toEqual(await namesIn(alone.output))
  // What a killed worker left half done is gone too
  const jobs = await store.jobs.find().toArray()
  const known = jobs.flatMap((job) => (job.kind === 'export' ? job.files.map(({ stored }) => stored) : []))
  expect(
    bulk
      .stored()
      .filter((name) => name.includes('/'))
      .sort(),
  ).toEqual(known.sort())
}, 120_000)

test('killed with -9 in the middle, an import does every line once and tells every refusal once', async () => {
  const { store } = bulk.server
  const lines = Array.from({ length: 1_200 }, (_, index) =>
    JSON.stringify({ resourceType: index % 100 === 50 ? 'Nonsense' : 'Patient', id: `i${index}` }),
  )
  const headers = { ...ASYNC, 'Content-Type': 'application/fhir+ndjson' }
  const status = await bulk.begin('$import', { method: 'POST', headers, body: lines.join('\n') })
  const done = async (): Promise<number> => {
    const job = await store.jobs.findOne({})
    return job?.kind === 'import' ? job.line : 0
  }
  for (let round = 0; round < 3; round++) await killAfter(200, done)
  worker.start()
  const manifest = JSON.parse((await bulk.ended(status)).text) as Manifest
  const { created = 0, unchanged = 0, updated, refused } = manifest.extension?.counts ?? {}
  // What was committed and not yet counted is counted as there already
  expect([created + unchanged, updated, refused]).toEqual([1_188, 0, 12])
  expect(await store.resources.countDocuments({})).toBe(1_188)
  expect(await store.versions.countDocuments({})).toBe(1_188)
  const report = await (await fetch(manifest.error[0]?.url ?? '')).text()
  expect(report.trim().split('\n')).toHaveLength(12)
}, 120_000)
