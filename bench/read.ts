/**
 * Reads by id of the gateway against a bare express + driver program on the same MongoDB: `node bench/read.ts`.
 *
 * One process each, in turns, on services of its own. CPU time is that of server and mongod together.
 */
import type { ChildProcess } from 'node:child_process'
import { openStore } from '../src/store/collections.ts'
import { connect } from '../src/store/connection.ts'
import { prepareSchema } from '../src/store/schema.ts'
import type { LoadOrder, LoadResult } from './read/load.ts'
import { patientId, seed } from './read/seed.ts'
import { hear, startChild, stopChild } from './support/child.ts'
import { cpuTime } from './support/cpu-time.ts'
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

interface Server {
  readonly name: string
  readonly port: number
  /** microseconds that the server and mongod have used */
  readonly cpu: () => number
}

interface Figures {
  readonly perSecond: number
  readonly cpu: number
}

const children: ChildProcess[] = []
const services = await startBenchServices()
try {
  await prepare(services.mongodbUri)
  const bare = await startServer('bare')
  const gateway = await startServer('gateway')
  await assertFullAnswer(gateway)
  await compare(bare, gateway, start('load'))
} finally {
  await Promise.all(children.map(stopChild))
  await services.stop()
}

async function prepare(uri: string): Promise<void> {
  const client = await connect(uri)
  const store = openStore(client, DATABASE)
  await prepareSchema(store)
  await seed(store, PATIENTS)
  await client.close()
}

function start(program: string, ...args: string[]): ChildProcess {
  const child = startChild(new URL(`read/${program}.ts`, import.meta.url), args)
  children.push(child)
  return child
}

async function startServer(name: string): Promise<Server> {
  const child = start(name, services.mongodbUri, DATABASE)
  const port = await hear<number>(child)
  return { name, port, cpu: () => cpuTime([child.pid ?? NaN]) + services.mongodCpu() }
}

/** The gateway is measured with all its headers, or not at all. */
async function assertFullAnswer({ port }: Server): Promise<void> {
  const { status, headers } = await fetch(`http://127.0.0.1:${port}/fhir/R4/Patient/${patientId(0)}`)
  if (status === 200 && headers.get('etag') === 'W/"1"' && headers.has('last-modified')) return
  throw new Error(`The gateway answers ${status} without ETag or Last-Modified: there is nothing to measure.`)
}

async function compare(bare: Server, gateway: Server, load: ChildProcess): Promise<void> {
  for (const server of [bare, gateway]) await measure(server, 64, WARM_UP_MS, load)
  console.log('connections  program  requests/s  CPU µs/request')
  for (const [connections, target] of TARGETS) {
    const rounds: { bare: Figures; gateway: Figures }[] = []
    for (let round = 0; round < ROUNDS; round++) {
      rounds.push({
        bare: await measure(bare, connections, ROUND_MS, load),
        gateway: await measure(gateway, connections, ROUND_MS, load),
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

async function measure(
  { port, cpu }: Server,
  connections: number,
  milliseconds: number,
  load: ChildProcess,
): Promise<Figures> {
  const before = cpu()
  load.send({ port, connections, milliseconds, patients: PATIENTS } satisfies LoadOrder)
  const { requests, seconds } = await hear<LoadResult>(load)
  return { perSecond: requests / seconds, cpu: (cpu() - before) / requests }
}

function print(connections: number, name: string, figures: readonly Figures[]): void {
  const perSecond = median(figures.map((each) => each.perSecond)).toFixed(0)
  const cpu = median(figures.map((each) => each.cpu)).toFixed(0)
  console.log(`${String(connections).padStart(11)}  ${name.padEnd(7)}  ${perSecond.padStart(10)}  ${cpu.padStart(14)}`)
}
