/**
 * Backfill against a bare program: `node bench/backfill.ts [rows]`.
 *
 * First the gateway projects the rows; then a program that knows nothing but the finished documents writes the same ones
 * in transactions of the same size, on the same server, into collections with the same indexes. CPU is that of Node
 * and mongod together, since on a busy machine it says more than the clock.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Document } from 'mongodb'
import { loadSystems } from '../src/mapping/load.ts'
import { createLogger } from '../src/kernel/logger.ts'
import { planOf } from '../src/projection/plan.ts'
import { ProjectionWorker } from '../src/projection/worker.ts'
import type { Store } from '../src/store/collections.ts'
import { openStore } from '../src/store/collections.ts'
import { connect } from '../src/store/connection.ts'
import { prepareSchema } from '../src/store/schema.ts'
import { inTransaction } from '../src/store/transaction.ts'
import { hmsPatient, hmsUser, qivrTenant, qivrVitals } from './source-rows.ts'
import type { Columns } from './source-rows.ts'
import { startBenchServices } from './support/services.ts'

const BASE = 'https://interop.example.org'
/** as the gateway does: about so many resources or rows, whichever are more */
const PER_TRANSACTION = 700
const rows = Number(process.argv[2] ?? 20_000)

interface Case {
  readonly system: 'qivr' | 'hms'
  readonly tables: Readonly<Record<string, readonly Columns[]>>
}

const cases: readonly (() => Case)[] = [
  () => ({ system: 'qivr', tables: { tenants: [qivrTenant()], medical_vitals: many(qivrVitals) } }),
  () => ({ system: 'hms', tables: { users: many(hmsUser), patients: many(hmsPatient) } }),
]

function many(row: (index: number) => Columns): Columns[] {
  return Array.from({ length: rows }, (_, index) => row(index))
}

const services = await startBenchServices()
const client = await connect(services.mongodbUri)
try {
  for (const make of cases) await measure(make())
} finally {
  await client.close()
  await services.stop()
}

async function measure({ system, tables }: Case): Promise<void> {
  const source = `bench_${system}`
  await client.db(source).dropDatabase()
  for (const [name, list] of Object.entries(tables))
    await client
      .db(source)
      .collection<Columns>(name)
      .insertMany([...list])
  const gateway = await freshStore('bench_gateway')
  const ours = await timed(() => backfill(gateway, system, source))
  const resources = await gateway.resources.estimatedDocumentCount()
  const bare = await writeBare(gateway, await freshStore('bench_bare'), resources)
  const line = (name: string, { seconds, cpu }: Cost) =>
    `${name.padEnd(8)} ${Math.round(resources / seconds)
      .toString()
      .padStart(7)} resources/s  ${Math.round((cpu * 1e6) / resources)} µs CPU a resource`
  console.log(`${system}: ${rows} rows, ${resources} resources`)
  console.log(line('gateway', ours), ` most memory ${Math.round(ours.rss / 2 ** 20)} MB`)
  console.log(line('bare', bare))
  console.log(
    `ratio    ${(bare.seconds / ours.seconds).toFixed(2)} by the clock, ${(bare.cpu / ours.cpu).toFixed(2)} by CPU\n`,
  )
  for (const name of [source, 'bench_gateway', 'bench_bare']) await client.db(name).dropDatabase()
}

async function freshStore(name: string): Promise<Store> {
  await client.db(name).dropDatabase()
  const store = openStore(client, name)
  await prepareSchema(store)
  return store
}

async function backfill(store: Store, system: string, database: string): Promise<void> {
  const { systems } = loadSystems('mappings', { base: BASE })
  const sources = systems
    .filter((each) => each.system === system)
    .map((each) => ({ system: each, database, tenant: 'default', timeZone: 'UTC' }))
  const worker = new ProjectionWorker({ store, plan: planOf(sources, BASE), log: createLogger('warn') })
  worker.start()
  do await sleep(20)
  while (
    (await store.backfills.countDocuments({ finished: false })) > 0 ||
    (await store.backfills.countDocuments()) === 0
  )
  await worker.stop()
}

interface Cost {
  readonly seconds: number
  readonly cpu: number
  readonly rss: number
}

async function timed(work: () => Promise<void>): Promise<Cost> {
  const cpu = cpuSeconds()
  const start = performance.now()
  let rss = 0
  const watch = setInterval(() => (rss = Math.max(rss, process.memoryUsage.rss())), 50)
  await work()
  clearInterval(watch)
  return { seconds: (performance.now() - start) / 1000, cpu: cpuSeconds() - cpu, rss }
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system + services.mongodCpu()) / 1e6
}

/** Reads a page of finished documents, not counted, then writes it, counted. */
async function writeBare(from: Store, to: Store, resources: number): Promise<Cost> {
  const session = client.startSession()
  const tracked = await from.rows.estimatedDocumentCount()
  const resourcesEach = Math.min(PER_TRANSACTION, Math.ceil((resources / tracked) * PER_TRANSACTION))
  const rowsEach = Math.ceil((tracked / resources) * resourcesEach)
  const names = ['resources', 'versions', 'rows'] as const
  const cursors = names.map((name) => from.db.collection(name).find().sort({ _id: 1 }))
  const sizes = [resourcesEach, resourcesEach, rowsEach]
  let [seconds, cpu] = [0, 0]
  for (;;) {
    const pages: Document[][] = []
    for (const [index, cursor] of cursors.entries()) pages.push(await page(cursor, sizes[index] as number))
    if (pages.every((list) => list.length === 0)) break
    const cost = await timed(() =>
      inTransaction(session, async (inside) => {
        for (const [index, list] of pages.entries()) {
          const target = to.db.collection(names[index] as string)
          if (list.length > 0) await target.insertMany(list, { session: inside, ordered: false })
        }
      }),
    )
    seconds += cost.seconds
    cpu += cost.cpu
  }
  await session.endSession()
  return { seconds, cpu, rss: 0 }
}

async function page(
  cursor: AsyncIterable<Document> & { next(): Promise<Document | null> },
  size: number,
): Promise<Document[]> {
  const list: Document[] = []
  while (list.length < size) {
    const next = await cursor.next()
    if (next === null) break
    list.push(next)
  }
  return list
}
