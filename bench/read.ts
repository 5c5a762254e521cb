/**
 * Reads by id of the gateway against a bare express + driver program on the same MongoDB: `node bench/read.ts`.
 *
 * One process each, in turns, on services of its own. CPU time is that of server and mongod together.
 */
import { openStore } from '../src/store/collections.ts'
import { connect } from '../src/store/connection.ts'
import { prepareSchema } from '../src/store/schema.ts'
import { seed } from './read/seed.ts'
import { HTTP_SIDE, httpLoad } from './support/http-load.ts'
import type { Figures, Server } from './support/http-load.ts'
import { patientId } from './support/patients.ts'
import { startBenchServices } from './support/services.ts'
import { median } from './support/statistics.ts'

const PATIENTS = 20_000
const ROUNDS = 5
const ROUND_MS = 1_200
const WARM_UP_MS = 2_000
const TARGETS = new Map([
  [16, 0.8],
  [64, 1.2],
])
const DATABASE = 'isthmus'

const PATHS = Array.from({ length: PATIENTS }, (_, number) => `Patient/${patientId(number)}`)

const services = await startBenchServices()
const load = httpLoad(services, DATABASE)
try {
  await prepare(services.mongodbUri)
  const bare = await load.start('bare', new URL('read/bare.ts', import.meta.url))
  const gateway = await load.start('gateway', HTTP_SIDE)
  await assertFullAnswer(gateway)
  await compare(bare, gateway)
} finally {
  await load.stop()
  await services.stop()
}

async function prepare(uri: string): Promise<void> {
  const client = await connect(uri)
  const store = openStore(client, DATABASE)
  await prepareSchema(store)
  await seed(store, PATIENTS)
  await client.close()
}

/** The gateway is measured with all its headers, or not at all. */
async function assertFullAnswer({ port }: Server): Promise<void> {
  const { status, headers } = await fetch(`http://127.0.0.1:${port}/fhir/R4/Patient/${patientId(0)}`)
  if (status === 200 && headers.get('etag') === 'W/"1"' && headers.has('last-modified')) return
  throw new Error(`The gateway answers ${status} without ETag or Last-Modified: there is nothing to measure.`)
}

async function compare(bare: Server, gateway: Server): Promise<void> {
  for (const server of [bare, gateway]) await load.measure(server, 64, WARM_UP_MS, PATHS)
  console.log('connections  program  requests/s  CPU µs/request')
  for (const [connections, target] of TARGETS) {
    const rounds: { bare: Figures; gateway: Figures }[] = []
    for (let round = 0; round < ROUNDS; round++) {
      rounds.push({
        bare: await load.measure(bare, connections, ROUND_MS, PATHS),
        gateway: await load.measure(gateway, connections, ROUND_MS, PATHS),
      })
    }
    for (const { name } of [bare, gateway])
      print(
        connections,
        name,
        rounds.map((each) => each[name as 'bare' | 'gateway']),
      )
    const speed = median(rounds.map((each) => each.gateway.perSecond / each.bare.perSecond))
    const cpu = median(rounds.map((each) => each.gateway.cpu / each.bare.cpu))
    const verdict = speed >= target ? '' : `  under ${target}`
    console.log(
      `${String(connections).padStart(11)}  ratio    ${speed.toFixed(2).padStart(10)}  ${cpu.toFixed(2).padStart(14)}${verdict}`,
    )
  }
}

function print(connections: number, name: string, figures: readonly Figures[]): void {
  const perSecond = median(figures.map((each) => each.perSecond)).toFixed(0)
  const cpu = median(figures.map((each) => each.cpu)).toFixed(0)
  console.log(`${String(connections).padStart(11)}  ${name.padEnd(7)}  ${perSecond.padStart(10)}  ${cpu.padStart(14)}`)
}
