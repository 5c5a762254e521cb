/**
 * `$everything` of a patient with 2,000 resources in a clinic of others: `node bench/everything.ts`.
 *
 * CPU is that of gateway and mongod together, a request: of the first page of 50, which is to take less than 100 ms,
 * of the whole record without `_count`, and of the patient's `$summary`, which reads all of it and shows little.
 */
import { openStore } from '../src/store/collections.ts'
import { connect } from '../src/store/connection.ts'
import { openClinic, observation } from './support/clinic.ts'
import { cpuTime } from './support/cpu-time.ts'
import { HTTP_SIDE, httpLoad } from './support/http-load.ts'
import type { Server } from './support/http-load.ts'
import { patient } from './support/patients.ts'
import { startBenchServices } from './support/services.ts'
import type { BenchServices } from './support/services.ts'
import { storedForm } from './support/stored-form.ts'

const DATABASE = 'isthmus'
const OTHERS = 2_000
const RESOURCES = 2_000
const ROUNDS = 20
const TARGET = 100
const ID = 'long'

const services = await startBenchServices()
const load = httpLoad(services, DATABASE)
try {
  await prepare(services.mongodbUri)
  const gateway = await load.start('gateway', HTTP_SIDE)
  const path = `Patient/${ID}/$everything`
  const first = await measure(services, gateway, `${path}?_count=50`)
  await measure(services, gateway, path)
  report('first page of 50', first, first.cpu > TARGET ? `  over ${TARGET}` : '')
  report('whole', await measure(services, gateway, path))
  const summary = `Patient/${ID}/$summary`
  await measure(services, gateway, summary)
  report('summary', await measure(services, gateway, summary))
} finally {
  await load.stop()
  await services.stop()
}

async function prepare(uri: string): Promise<void> {
  const client = await connect(uri)
  const store = openStore(client, DATABASE)
  await openClinic(store, OTHERS)
  const own = Array.from({ length: RESOURCES - 1 }, (_, i) => ({
    ...observation(i),
    id: `long-${i}`,
    subject: { reference: `Patient/${ID}` },
  }))
  await store.resources.insertMany([{ ...patient(0), id: ID }, ...own].map(storedForm))
  await client.close()
}

interface Figures {
  /** milliseconds of a request */
  readonly cpu: number
  readonly ownCpu: number
  readonly bytes: number
}

async function measure(bench: BenchServices, { port, pid }: Server, path: string): Promise<Figures> {
  const before = { mongod: bench.mongodCpu(), own: cpuTime([pid]) }
  let bytes = 0
  for (let round = 0; round < ROUNDS; round++) {
    const answer = await (await fetch(`http://127.0.0.1:${port}/fhir/R4/${path}`)).text()
    bytes = Buffer.byteLength(answer)
    const { type, total } = JSON.parse(answer) as { type?: string; total?: number }
    if (type !== 'document' && total !== RESOURCES) throw new Error(`${path} answers ${answer.slice(0, 500)}`)
  }
  const own = (cpuTime([pid]) - before.own) / ROUNDS / 1000
  return { cpu: own + (bench.mongodCpu() - before.mongod) / ROUNDS / 1000, ownCpu: own, bytes }
}

function report(name: string, { cpu, ownCpu, bytes }: Figures, verdict = ''): void {
  const size = `${(bytes / 1024).toFixed(0)} KB`
  console.log(`${name.padEnd(18)}  CPU ${cpu.toFixed(1)} ms (${ownCpu.toFixed(1)} own)  ${size}${verdict}`)
}
