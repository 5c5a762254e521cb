/**
 * `$export` against a bare program: `node bench/export.ts [resources]`.
 *
 * Both write the same lines from one collection into packed files of 50,000, in turns and in this process: the gateway as
 * its worker does it, with checksums, the moment of the export and what was changed since; the bare program streams the
 * texts from a cursor through zlib of the same level. CPU is that of Node and mongod together. The second that an export
 * waits for writes under way is not counted.
 */
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { everythingOf } from '../src/access/permit.ts'
import { exportRules } from '../src/cli/bulk.ts'
import { folderFiles } from '../src/files/folder.ts'
import { defaultLimits } from '../src/kernel/limits.ts'
import { openStore } from '../src/store/collections.ts'
import type { Store } from '../src/store/collections.ts'
import { connect } from '../src/store/connection.ts'
import type { ExportJob } from '../src/store/job-documents.ts'
import type { ExportKeeper } from '../src/workers/bulk-export.ts'
import { runExport } from '../src/workers/bulk-export.ts'
import { LEVEL } from '../src/workers/export-part.ts'
import { OBSERVATIONS_PER_PATIENT, openClinic } from './support/clinic.ts'
import { cpuTime } from './support/cpu-time.ts'
import { startBenchServices } from './support/services.ts'
import { median } from './support/statistics.ts'

const ROUNDS = 3
const TARGET = 0.5
const TYPES = ['Observation', 'Patient']
const IN_A_FILE = 50_000
const IN_A_BATCH = 1_000
const MEBIBYTE = 2 ** 20
const resources = Number(process.argv[2] ?? 200_000)

const services = await startBenchServices()
const client = await connect(services.mongodbUri)
const folder = await mkdtemp(join(tmpdir(), 'isthmus-export-'))
try {
  const store = openStore(client, 'isthmus')
  await openClinic(store, Math.round(resources / (1 + OBSERVATIONS_PER_PATIENT)))
  const rounds: { bare: Cost; gateway: Cost }[] = []
  for (let round = 0; round <= ROUNDS; round++) {
    const cost = { bare: await measured(() => writeBare(store)), gateway: await measured(() => writeExport(store)) }
    // The first fills the caches
    if (round > 0) rounds.push(cost)
  }
  report(await store.resources.estimatedDocumentCount(), rounds)
} finally {
  await client.close()
  await services.stop()
  await rm(folder, { recursive: true, force: true })
}

async function writeBare({ resources }: Store): Promise<void> {
  for (const type of TYPES) {
    const projection = { _id: 0, body: 1 } as const
    const all = { _id: { $gt: `default/${type}/`, $lt: `default/${type}0` } }
    const cursor = resources.find(all, { projection, sort: { _id: 1 }, batchSize: IN_A_BATCH })
    for (let number = 1; await cursor.hasNext(); number++) {
      let count = 0
      async function* chunks(): AsyncGenerator<string> {
        for (; count < IN_A_FILE && (await cursor.hasNext()); count += IN_A_BATCH) {
          let text = ''
          for (const { body } of cursor.readBufferedDocuments()) text += `${body}\n`
          yield text
        }
      }
      const file = createWriteStream(join(folder, `${type}-${number}.ndjson.gz`), { flush: true })
      await pipeline(Readable.from(chunks()), createGzip({ level: LEVEL }), file)
    }
  }
}

async function writeExport(store: Store): Promise<void> {
  const created = new Date(Date.now() - 86_400_000)
  const job: ExportJob = {
    ...{ _id: 'export', t: 'default', by: 'bench', permit: everythingOf('default'), base: '', request: '', created },
    ...{ state: 'open', owner: '', until: new Date(0), fence: 1, tries: 1 },
    kind: 'export',
    wish: { types: TYPES, searches: {}, elements: {} },
    ...{ steps: {}, files: [] },
  }
  let count = 0
  const keeper: ExportKeeper = {
    findings: () => Promise.resolve(),
    progress(_steps, files) {
      for (const file of files) count += file.count
      return Promise.resolve()
    },
  }
  const parts = { store, files: folderFiles(folder), rules: exportRules(store, defaultLimits), most: IN_A_FILE }
  await runExport(parts, job, keeper, new AbortController().signal)
  const all = await store.resources.estimatedDocumentCount()
  if (count !== all) throw new Error(`${count} of ${all} resources were exported.`)
}

interface Cost {
  readonly seconds: number
  readonly cpu: number
  readonly memory: { readonly before: number; readonly most: number }
}

async function measured(work: () => Promise<void>): Promise<Cost> {
  const before = process.memoryUsage.rss()
  let most = before
  const watching = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 20)
  const used = (): number => (cpuTime([process.pid]) + services.mongodCpu()) / 1e6
  const [cpu, start] = [used(), performance.now()]
  await work()
  clearInterval(watching)
  return { seconds: (performance.now() - start) / 1000, cpu: used() - cpu, memory: { before, most } }
}

function report(count: number, rounds: readonly { readonly bare: Cost; readonly gateway: Cost }[]): void {
  console.log(`${count} resources  resources/s  CPU µs each  RSS before  most`)
  for (const name of ['bare', 'gateway'] as const) {
    const perSecond = median(rounds.map((round) => count / round[name].seconds)).toFixed(0)
    const cpu = median(rounds.map((round) => (1e6 * round[name].cpu) / count)).toFixed(1)
    const before = Math.round(median(rounds.map((round) => round[name].memory.before)) / MEBIBYTE)
    const most = Math.round(Math.max(...rounds.map((round) => round[name].memory.most)) / MEBIBYTE)
    console.log(`${name.padEnd(16)}  ${perSecond.padStart(11)}  ${cpu.padStart(11)}  ${before} MB  ${most} MB`)
  }
  const clock = median(rounds.map(({ bare, gateway }) => bare.seconds / gateway.seconds))
  const cpu = median(rounds.map(({ bare, gateway }) => bare.cpu / gateway.cpu))
  const verdict = Math.min(clock, cpu) >= TARGET ? '' : `  under ${TARGET}`
  console.log(`ratio ${clock.toFixed(2)} by the clock, ${cpu.toFixed(2)} by CPU${verdict}`)
}
