/**
 * FHIR updates through the lens against a bare program: `node bench/update.ts`.
 *
 * Both change one element of hms Patients, many at once, on one server: the gateway with all it does for a PUT; the bare
 * program, which knows the finished documents, with the same four writes (source row, resource, version, outbox) in one
 * transaction, into collections with the same indexes. In turns, in this process. CPU is that of Node and mongod together.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Resource } from '@medplum/fhirtypes'
import { ObjectId } from 'mongodb'
import type { MongoClient } from 'mongodb'
import { everythingOf } from '../src/access/permit.ts'
import { loadSystems } from '../src/mapping/load.ts'
import { planOf } from '../src/projection/plan.ts'
import { commitWrites } from '../src/projection/write-back.ts'
import type { WriteBack } from '../src/projection/write-back.ts'
import { parseJson } from '../src/r4/json.ts'
import type { Store } from '../src/store/collections.ts'
import { openStore } from '../src/store/collections.ts'
import { connect } from '../src/store/connection.ts'
import type { ResourceDocument } from '../src/store/documents.ts'
import { prepareSchema } from '../src/store/schema.ts'
import { inTransaction } from '../src/store/transaction.ts'
import { hmsPatient, hmsUser, uuidOf } from './source-rows.ts'
import type { Columns } from './source-rows.ts'
import { cpuTime } from './support/cpu-time.ts'
import { startWorker } from './support/gateway.ts'
import { startBenchServices } from './support/services.ts'
import { median } from './support/statistics.ts'

const PATIENTS = 1_000
const CLIENTS = 16
const ROUNDS = 5
const ROUND_MS = 3_000
const WARM_UP_MS = 3_000
const TARGET = 0.5
const SOURCE = 'bench_hms'
const BARE_SOURCE = 'bench_hms_bare'

/** Changes the occupation of a patient to a text that was never there. */
type Update = (index: number, occupation: string) => Promise<unknown>

interface Figures {
  readonly perSecond: number
  readonly cpu: number
}

const services = await startBenchServices()
const client = await connect(services.mongodbUri)
try {
  const store = await project()
  const gateway = throughTheLens(store)
  const bare = await fourWrites(client, store)
  for (const update of [bare, gateway]) await measure(update, WARM_UP_MS)
  const rounds: { bare: Figures; gateway: Figures }[] = []
  for (let round = 0; round < ROUNDS; round++) {
    rounds.push({ bare: await measure(bare, ROUND_MS), gateway: await measure(gateway, ROUND_MS) })
  }
  report(rounds)
} finally {
  await client.close()
  await services.stop()
}

/** The gateway's own database as its worker made it of the rows. */
async function project(): Promise<Store> {
  const many = (row: (index: number) => Columns) => Array.from({ length: PATIENTS }, (_, index) => row(index))
  await client.db(SOURCE).collection<Columns>('users').insertMany(many(hmsUser))
  await client.db(SOURCE).collection<Columns>('patients').insertMany(many(hmsPatient))
  const store = openStore(client, 'bench_gateway')
  const worker = await startWorker(services, {
    ISTHMUS_DATABASE: store.db.databaseName,
    ISTHMUS_SOURCES: JSON.stringify([{ system: 'hms', database: SOURCE }]),
  })
  const finished = async (): Promise<boolean> => {
    const backfills = await store.backfills.find().toArray()
    return backfills.length > 0 && backfills.every((backfill) => backfill.finished)
  }
  while (!(await finished())) await sleep(100)
  await worker.stop()
  return store
}

function idOf(index: number): string {
  return `hms-${uuidOf(4, index)}`
}

function throughTheLens(store: Store): Update {
  const { systems } = loadSystems('mappings', { base: 'https://interop.example.org' })
  const hms = systems.filter(({ system }) => system === 'hms')
  const sources = hms.map((system) => ({ system, database: SOURCE, tenant: 'default', timeZone: 'UTC' }))
  const writeBack: WriteBack = { store, plan: planOf(sources, 'https://interop.example.org'), routing: {} }
  const permit = everythingOf('default')
  return (index, occupation) =>
    commitWrites(writeBack, permit, 'bench', [
      { method: 'PUT', type: 'Patient', id: idOf(index), edit: (current) => withOccupation(current, occupation) },
    ])
}

function withOccupation(current: Resource | undefined, occupation: string): Resource {
  const text = JSON.stringify(current).replace(/"valueString":"[^"]*"/, `"valueString":"${occupation}"`)
  return parseJson(text) as unknown as Resource
}

async function fourWrites(client: MongoClient, from: Store): Promise<Update> {
  const store = openStore(client, 'bench_bare')
  await prepareSchema(store)
  const documents = await from.resources.find({ tt: 'default/Patient' }).sort({ _id: 1 }).toArray()
  const rows = await client.db(SOURCE).collection('patients').find().sort({ id: 1 }).toArray()
  const source = client.db(BARE_SOURCE).collection('patients')
  await store.resources.insertMany(documents)
  await source.insertMany(rows)
  await source.createIndexes([{ key: { id: 1 } }, { key: { userId: 1 } }])
  return async (index, occupation) => {
    const row = rows[index]?._id as ObjectId
    const document = nextOf(documents[index] as ResourceDocument, occupation)
    documents[index] = document
    const { _id, t, tt, v, u, body, hash } = document
    const session = client.startSession()
    await inTransaction(session, async () => {
      await source.updateOne({ _id: row }, { $set: { occupation } }, { session })
      await store.resources.updateOne({ _id }, { $set: { v, u, body, hash } }, { session })
      const version = `${_id}/${String(v).padStart(10, '0')}`
      await store.versions.insertOne({ _id: version, t, tt, v, u, method: 'PUT', body, by: 'bench' }, { session })
      const changes = [{ id: _id, v, method: 'PUT' as const }]
      await store.outbox.insertOne({ _id: new ObjectId(), t, at: u, by: 'bench', changes }, { session })
    })
    await session.endSession()
  }
}

function nextOf(document: ResourceDocument, occupation: string): ResourceDocument {
  const v = document.v + 1
  const body = document.body.replace(/"valueString":"[^"]*"/, `"valueString":"${occupation}"`)
  return { ...document, v, u: new Date(), body, hash: occupation }
}

/** Clients that each have patients of their own, so that no two meet. */
async function measure(update: Update, milliseconds: number): Promise<Figures> {
  const cpu = cpuTime([process.pid]) + services.mongodCpu()
  const start = performance.now()
  let updates = 0
  const oneClient = async (own: number): Promise<void> => {
    for (let index = own; performance.now() - start < milliseconds; index += CLIENTS) {
      await update(index % (PATIENTS - (PATIENTS % CLIENTS)), `job ${start}.${updates++}`)
    }
  }
  await Promise.all(Array.from({ length: CLIENTS }, (_, own) => oneClient(own)))
  const used = cpuTime([process.pid]) + services.mongodCpu() - cpu
  return { perSecond: updates / ((performance.now() - start) / 1000), cpu: used / updates }
}

function report(rounds: readonly { readonly bare: Figures; readonly gateway: Figures }[]): void {
  console.log('program   updates/s  CPU µs/update')
  for (const name of ['bare', 'gateway'] as const) {
    const perSecond = median(rounds.map((round) => round[name].perSecond)).toFixed(0)
    const cpu = median(rounds.map((round) => round[name].cpu)).toFixed(0)
    console.log(`${name.padEnd(8)}  ${perSecond.padStart(9)}  ${cpu.padStart(13)}`)
  }
  const speed = median(rounds.map(({ bare, gateway }) => gateway.perSecond / bare.perSecond))
  const cpu = median(rounds.map(({ bare, gateway }) => bare.cpu / gateway.cpu))
  const verdict = speed >= TARGET ? '' : `  under ${TARGET}`
  console.log(`ratio     ${speed.toFixed(2).padStart(9)}  ${cpu.toFixed(2).padStart(13)}${verdict}`)
}
