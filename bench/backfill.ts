/**
 * Backfill against a bare program: `node bench/backfill.ts [rows]`.
 *
 * First the gateway projects the rows; then a program that knows nothing but the finished documents writes the same ones
 * in transactions of the same size, on the same server, into collections with the same indexes. CPU is that of Node
 * and mongod together, since on a busy machine it says more than the clock.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Document } from 'mongodb'
import type { Store } from '../src/store/collections.ts'
import { openStore } from '../src/store/collections.ts'
import { connect } from '../src/store/connection.ts'
import { prepareSchema } from '../src/store/schema.ts'
import { inTransaction } from '../src/store/transaction.ts'
import { hmsPatient, hmsUser, qivrTenant, qivrVitals } from './source-rows.ts'
import type { Columns } from './source-rows.ts'
import { cpuTime } from './support/cpu-time.ts'
import { startWorker } from './support/gateway.ts'
import { startBenchServices } from './support/services.ts'

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
  const ours = await backfill(gateway, system, source)
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

/** In a process of its own, from the moment it begins: `isthmus worker`. */
async function backfill(store: Store, system: string, database: string): Promise<Cost> {
  const worker = await startWorker(services, {
    ISTHMUS_DATABASE: store.db.databaseName,
    ISTHMUS_SOURCES: JSON.stringify([{ system, database }]),
  })
  const cost = await timed([worker.pid], async () => {
    while (!(await isFinished(store))) await sleep(100)
  })
  const rss = worker.mostMemory()
  await worker.stop()
  return { ...cost, rss }
}

async function isFinished(store: Store): Promise<boolean> {
  const backfills = await store.backfills.find().toArray()
  return backfills.length > 0 && backfills.every(({ finished }) => finished)
}

interface Cost {
  readonly seconds: number
  readonly cpu: number
  readonly rss: number
}

async function timed(pids: readonly number[], work: () => Promise<void>): Promise<Cost> {
  const before = cpuTime(pids) + services.mongodCpu()
  const start = performance.now()
  await work()
  const seconds = (performance.now() - start) / 1000
  return { seconds, cpu: (cpuTime(pids) + services.mongodCpu() - before) / 1e6, rss: 0 }
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
    const cost = await timed([process.pid], () =>
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
