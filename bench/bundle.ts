/**
 * Transaction bundles against a bare program: `node bench/bundle.ts`.
 *
 * A bundle holds 20 Patients and 80 Observations of them that no source holds, which refer to one another by `urn:uuid`.
 * The gateway puts the references in, works out search keys and stores it; the bare program, which knows the finished
 * documents, inserts resources, versions and one outbox row in one transaction, into collections with the same indexes.
 * In turns, in this process. CPU is that of Node and mongod together.
 */
import { randomUUID } from 'node:crypto'
import { ObjectId } from 'mongodb'
import type { MongoClient } from 'mongodb'
import { everythingOf } from '../src/access/permit.ts'
import type { Operation } from '../src/projection/operation.ts'
import { planOf } from '../src/projection/plan.ts'
import { commitWrites } from '../src/projection/write-back.ts'
import type { Store } from '../src/store/collections.ts'
import { openStore } from '../src/store/collections.ts'
import { connect } from '../src/store/connection.ts'
import type { ResourceDocument } from '../src/store/documents.ts'
import { prepareSchema } from '../src/store/schema.ts'
import { inTransaction } from '../src/store/transaction.ts'
import { nativeObservation, nativePatient } from './native-resources.ts'
import type { Work } from './support/in-turns.ts'
import { compareInTurns } from './support/in-turns.ts'
import { startBenchServices } from './support/services.ts'

const CLIENTS = 4
const PATIENTS = 20
const OBSERVATIONS = 80
const TARGET = 0.5

const services = await startBenchServices()
const client = await connect(services.mongodbUri)
try {
  const store = await open(client, 'bench_gateway')
  const gateway = throughTheGateway(store)
  await gateway(0, 0)
  const bare = inserts(await open(client, 'bench_bare'), await store.resources.find().toArray())
  await compareInTurns('bundles', { bare, gateway }, { services, clients: CLIENTS, target: TARGET })
} finally {
  await client.close()
  await services.stop()
}

async function open(client: MongoClient, name: string): Promise<Store> {
  const store = openStore(client, name)
  await prepareSchema(store)
  return store
}

function throughTheGateway(store: Store): Work {
  const writeBack = { store, plan: planOf([], 'https://interop.example.org'), routing: {} }
  const permit = everythingOf('default')
  return (client, turn) => commitWrites(writeBack, permit, 'bench', bundle(client * 1_000_000 + turn * 100))
}

function bundle(start: number): Operation[] {
  const urls = Array.from({ length: PATIENTS }, () => `urn:uuid:${randomUUID()}`)
  return [
    ...urls.map((fullUrl, index): Operation => {
      return { method: 'POST', type: 'Patient', resource: nativePatient(start + index), fullUrl }
    }),
    ...Array.from({ length: OBSERVATIONS }, (_, index): Operation => {
      const resource = nativeObservation(start + index, urls[index % PATIENTS])
      return { method: 'POST', type: 'Observation', resource, fullUrl: `urn:uuid:${randomUUID()}` }
    }),
  ]
}

/** Documents that the gateway made, under ids of their own. */
function inserts(store: Store, like: readonly ResourceDocument[]): Work {
  return async () => {
    const documents = like.map((each) => ({ ...each, _id: `${each.tt}/${randomUUID()}` }))
    const versions = documents.map(({ _id, t, tt, v, u, body }) => {
      return { _id: `${_id}/${String(v).padStart(10, '0')}`, t, tt, v, u, method: 'POST' as const, body, by: 'bench' }
    })
    const changes = documents.map(({ _id, v }) => ({ id: _id, v, method: 'POST' as const }))
    const session = client.startSession()
    await inTransaction(session, async () => {
      await store.resources.insertMany(documents, { session, ordered: false })
      await store.versions.insertMany(versions, { session, ordered: false })
      await store.outbox.insertOne({ _id: new ObjectId(), at: new Date(), changes }, { session })
    })
    await session.endSession()
  }
}
