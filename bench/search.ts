/**
 * Reads and searches of the gateway on 20,000 Patients, 100,000 Observations and 20,000 Appointments, 64 connections:
 * `node bench/search.ts`.
 *
 * CPU is that of gateway and mongod together, a request; "there" what it comes to on the machine that the targets were set on
 * (support/machine.ts). The sorted search is compared with a bare express + driver program
 * that does the same one indexed find, in turns. `--only sorted,read` and `--ms 3000` for a closer look.
 */
import { parseArgs } from 'node:util'
import { openStore } from '../src/store/collections.ts'
import { connect } from '../src/store/connection.ts'
import { seedBare } from './search/seed-bare.ts'
import { agendaOf, appointment } from './support/agenda.ts'
import { askings, insertAll, openClinic } from './support/clinic.ts'
import type { Asking } from './support/clinic.ts'
import { HTTP_SIDE, httpLoad } from './support/http-load.ts'
import type { Figures, Server } from './support/http-load.ts'
import { slowness } from './support/machine.ts'
import { startBenchServices } from './support/services.ts'
import { median } from './support/statistics.ts'

const { values } = parseArgs({ options: { only: { type: 'string' }, ms: { type: 'string', default: '2000' } } })

const DATABASE = 'isthmus'
const PATIENTS = 20_000
const APPOINTMENTS = 20_000
const CONNECTIONS = 64
const ROUNDS = 3
const ROUND_MS = Number(values.ms)
const WARM_UP_MS = 1_000

/** CPU a request, in microseconds; for the sorted search, its part of the bare program's requests. */
const TARGETS = new Map([
  ['read', 100],
  ['identifier', 500],
  ['patient+code', 500],
  ['_revinclude', 1_000],
  ['agenda', 1_000],
])
const SORTED_TARGET = 0.4

const services = await startBenchServices()
const load = httpLoad(services, DATABASE)
try {
  await prepare(services.mongodbUri)
  const gateway = await load.start('gateway', HTTP_SIDE)
  const wanted = [...askings(PATIENTS), agendaOf(APPOINTMENTS)].filter(
    ({ name }) => !values.only || values.only.split(',').includes(name),
  )
  for (const asking of wanted) await assertEntries(gateway, asking)
  const slow = await slowness(load, services, DATABASE)
  console.log('search        program  requests/s  CPU \u00b5s (own)  there  p50 ms  p95 ms')
  for (const asking of wanted) {
    if (asking.name === 'sorted') await compare(gateway, asking, slow)
    else report(asking.name, await rounds(gateway, asking), slow)
  }
} finally {
  await load.stop()
  await services.stop()
}

async function prepare(uri: string): Promise<void> {
  const client = await connect(uri)
  const store = openStore(client, DATABASE)
  await insertAll(store.resources, APPOINTMENTS, appointment)
  await openClinic(store, PATIENTS)
  if (!values.only || values.only.includes('sorted')) await seedBare(store, PATIENTS)
  await client.close()
}

/** An answer that lacks something is nothing to measure. */
async function assertEntries({ port }: Server, { name, entries, paths }: Asking): Promise<void> {
  const answer = (await (await fetch(`http://127.0.0.1:${port}/fhir/R4/${paths[0]}`)).json()) as { entry?: unknown[] }
  if ((answer.entry ?? []).length !== entries) throw new Error(`${name} answers ${JSON.stringify(answer)}`)
}

async function measure(server: Server, { paths }: Asking, milliseconds = ROUND_MS): Promise<Figures> {
  return load.measure(server, CONNECTIONS, milliseconds, paths)
}

async function rounds(server: Server, asking: Asking): Promise<Figures> {
  await measure(server, asking, WARM_UP_MS)
  const figures: Figures[] = []
  for (let round = 0; round < ROUNDS; round++) figures.push(await measure(server, asking))
  return middle(figures)
}

async function compare(gateway: Server, asking: Asking, slow: number): Promise<void> {
  const bare = await load.start('bare', new URL('search/bare.ts', import.meta.url))
  for (const server of [bare, gateway]) await measure(server, asking, WARM_UP_MS)
  const figures: { bare: Figures; gateway: Figures }[] = []
  for (let round = 0; round < ROUNDS; round++) {
    figures.push({ bare: await measure(bare, asking), gateway: await measure(gateway, asking) })
  }
  print(asking.name, bare.name, middle(figures.map((each) => each.bare)), slow)
  print(asking.name, gateway.name, middle(figures.map((each) => each.gateway)), slow)
  const ratio = median(figures.map((each) => each.gateway.perSecond / each.bare.perSecond))
  console.log(`sorted        ratio    ${ratio.toFixed(2).padStart(10)}${ratio < SORTED_TARGET ? '  under 0.4' : ''}`)
}

function middle(figures: readonly Figures[]): Figures {
  const of = (name: keyof Figures): number => median(figures.map((each) => each[name]))
  return { perSecond: of('perSecond'), cpu: of('cpu'), own: of('own'), p50: of('p50'), p95: of('p95') }
}

function report(name: string, figures: Figures, slow: number): void {
  const target = TARGETS.get(name) ?? Infinity
  print(name, 'gateway', figures, slow, figures.cpu > target ? `  over ${target} here` : '')
}

function print(
  name: string,
  program: string,
  { perSecond, cpu, own, p50, p95 }: Figures,
  slow: number,
  verdict = '',
): void {
  const cells = [
    name.padEnd(12),
    program.padEnd(7),
    perSecond.toFixed(0).padStart(10),
    `${cpu.toFixed(0)} (${own.toFixed(0)})`.padStart(12),
    (cpu / slow).toFixed(0).padStart(5),
    p50.toFixed(1).padStart(6),
    p95.toFixed(1).padStart(6),
  ]
  console.log(cells.join('  ') + verdict)
}
