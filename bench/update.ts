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
import { benchSeals } from './support/seals.ts'
import { startWorker } from './support/gateway.ts'
import type { Work } from './support/in-turns.ts'
import { compareInTurns } from './support/in-turns.ts'
import { startBenchServices } from './support/services.ts'

const PATIENTS = 1_008
const CLIENTS = 16
const TARGET = 0.5
const SOURCE = 'bench_hms'
const BARE_SOURCE = 'bench_hms_bare'

/** Changes the occupation of a patient to a text that was never there. */
type Update = (index: number, occupation: string) => Promise<unknown>

const services = await startBenchServices()
const client = await connect(services.mongodbUri)
try {
  const store = await project()
  const bare = ofOwnPatients(await fourWrites(client, store))
  const gateway = ofOwnPatients(throughTheLens(store))
  await compareInTurns('updates', { bare, gateway }, { services, clients: CLIENTS, target: TARGET })
} finally {
  await client.close()
  await services.stop()
}

/** The gateway's own database as its worker made it of the rows. */
async function project(): Promise<Store> {
  const many = (row: (index: number) => Columns) => Array.from({ length: PATIENTS }, (_, index) => row(index))
  await client.db(SOURCE).collection<Columns>('users').insertMany(many(hmsUser))
  await client.db(SOURCE).collection<Columns>('patients').insertMany(many(hmsPatient))
  const store = openStore(client, 'bench_gateway', await benchSeals())
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

/** Clients that each have patients of their own, so that no two meet. */
function ofOwnPatients(update: Update): Work {
  const own = PATIENTS / CLIENTS
  return (client, turn) => update((turn % own) * CLIENTS + client, `job ${client} ${turn} ${performance.now()}`)
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
      await store.outbox.insertOne({ _id: new ObjectId(), at: u, changes }, { session })
    })
    await session.endSession()
  }
}

function nextOf(document: ResourceDocument, occupation: string): ResourceDocument {
  const v = document.v + 1
  const body = document.body.replace(/"valueString":"[^"]*"/, `"valueString":"${occupation}"`)
  return { ...document, v, u: new Date(), body, hash: occupation }
}
