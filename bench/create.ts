/**
 * FHIR creates against a bare program: `node bench/create.ts`.
 *
 * Both make Observations that no source holds, 64 at a time, on one server: the gateway with all that follows a checked
 * request; the bare program, which knows the finished documents, with the same three inserts (resource, version, outbox)
 * in one transaction, into collections with the same indexes. In turns, in this process. CPU is that of Node and mongod
 * together.
 *
 * Before that, the same over HTTP: the gateway in a process of its own, without the validation that its policy may turn
 * off, and with it.
 */
import { randomUUID } from 'node:crypto'
import { ObjectId } from 'mongodb'
import type { MongoClient } from 'mongodb'
import { everythingOf } from '../src/access/permit.ts'
import { planOf } from '../src/projection/plan.ts'
import { commitWrites } from '../src/projection/write-back.ts'
import { openStore } from '../src/store/collections.ts'
import { connect } from '../src/store/connection.ts'
import type { ResourceDocument } from '../src/store/documents.ts'
import { prepareSchema } from '../src/store/schema.ts'
import { inTransaction } from '../src/store/transaction.ts'
import { nativeObservation } from './native-resources.ts'
import type { Work } from './support/in-turns.ts'
import { compareInTurns } from './support/in-turns.ts'
import { HTTP_SIDE, httpLoad } from './support/http-load.ts'
import type { Figures } from './support/http-load.ts'
import { startBenchServices } from './support/services.ts'
import { median } from './support/statistics.ts'

const CLIENTS = 64
const TARGET = 0.5

/** Over HTTP. */
const DIFFERENT = 10_000
const WARM_UP_MS = 3_000
const ROUND_MS = 3_000
const ROUNDS = 3

const services = await startBenchServices()
const client = await connect(services.mongodbUri)
try {
  await overHttp(client)
  const { gateway, documents } = await throughTheGateway(client)
  const bare = await threeInserts(client, documents)
  await compareInTurns('creates', { bare, gateway }, { services, clients: CLIENTS, target: TARGET })
} finally {
  await client.close()
  await services.stop()
}

/** Before the others: what they leave behind is written to disk for some time, and would count as its own. */
async function overHttp(client: MongoClient): Promise<void> {
  await prepareSchema(openStore(client, 'bench_http'))
  const load = httpLoad(services, 'bench_http')
  const body = (index: number): string => JSON.stringify(nativeObservation(index))
  const asked = Array.from({ length: DIFFERENT }, (_, index) => ({ path: 'Observation', body: body(index) }))
  try {
    for (const name of ['unvalidated', 'validated']) {
      const server = await load.start(name, HTTP_SIDE, [name])
      await load.measure(server, CLIENTS, WARM_UP_MS, asked)
      const rounds: Figures[] = []
      for (let round = 0; round < ROUNDS; round++) rounds.push(await load.measure(server, CLIENTS, ROUND_MS, asked))
      const of = (figure: 'perSecond' | 'cpu' | 'own'): string => median(rounds.map((each) => each[figure])).toFixed(0)
      console.log(`${name} over HTTP: ${of('perSecond')} creates/s, CPU ${of('cpu')} µs each (gateway ${of('own')})`)
    }
  } finally {
    await load.stop()
  }
}

async function throughTheGateway(client: MongoClient) {
  const store = openStore(client, 'bench_gateway')
  await prepareSchema(store)
  const writeBack = { store, plan: planOf([], 'https://interop.example.org'), routing: {} }
  const permit = everythingOf('default')
  const gateway: Work = (client, turn) =>
    commitWrites(writeBack, permit, 'bench', [
      { method: 'POST', type: 'Observation', resource: nativeObservation(client * 1_000_000 + turn) },
    ])
  for (let index = 0; index < CLIENTS; index++) await gateway(index, 0)
  return { gateway, documents: await store.resources.find().toArray() }
}

/** Documents that the gateway made, each under an id of its own. */
async function threeInserts(client: MongoClient, documents: readonly ResourceDocument[]): Promise<Work> {
  const store = openStore(client, 'bench_bare')
  await prepareSchema(store)
  return async (index) => {
    const like = documents[index]
    if (!like) throw new Error('There is no document of this client to be like.')
    const _id = `${like.tt}/${randomUUID()}`
    const { t, tt, v, u, body } = like
    const session = client.startSession()
    await inTransaction(session, async () => {
      await store.resources.insertOne({ ...like, _id }, { session })
      const version = `${_id}/${String(v).padStart(10, '0')}`
      await store.versions.insertOne({ _id: version, t, tt, v, u, method: 'POST', body, by: 'bench' }, { session })
      const changes = [{ id: _id, v, method: 'POST' as const }]
      await store.outbox.insertOne({ _id: new ObjectId(), at: u, changes }, { session })
    })
    await session.endSession()
  }
}
