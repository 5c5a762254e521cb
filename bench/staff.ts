/**
 * What a list of the staff API costs at 100,000 appointments and as many cases: `node bench/staff.ts [--only day,board]`.
 * CPU is that of gateway and mongod together, a request. Each answer is looked at first: a list that is empty, or refused,
 * is no measurement. What a bare program takes for the first of them (staff/bare.ts) says what the machine is worth, and so does
 * a bare read: "there" is what a list comes to on the machine that the target was set on (support/machine.ts).
 */
import { parseArgs } from 'node:util'
import { openStore } from '../src/store/collections.ts'
import { connect } from '../src/store/connection.ts'
import { prepareSchema } from '../src/store/schema.ts'
import { appointment, dayOf, practitionerId, secondOpinion } from './support/agenda.ts'
import { insertAll } from './support/clinic.ts'
import { HTTP_SIDE, httpLoad } from './support/http-load.ts'
import type { Figures, Server } from './support/http-load.ts'
import { slowness } from './support/machine.ts'
import { patient, patientId } from './support/patients.ts'
import { startBenchServices } from './support/services.ts'
import { median } from './support/statistics.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    count: { type: 'string', default: '100000' },
    ms: { type: 'string', default: '2000' },
  },
})

const DATABASE = 'isthmus'
const COUNT = Number(values.count)
const PATIENTS = 20_000
const CONNECTIONS = 16
const ROUNDS = 5
const ROUND_MS = Number(values.ms)
const WARM_UP_MS = 2_000
/** microseconds of CPU a list */
const TARGET = 1_000
const PATHS = 500

type Path = (number: number) => string

const LISTS: Readonly<Record<string, Path>> = {
  day: (number) => `appointments?date=${dayOf(number)}&practitioner=${practitionerId(number)}`,
  'day of all': (number) => `appointments?date=${dayOf(number)}`,
  'of a patient': (number) => `appointments?patient=${patientId(number % PATIENTS)}`,
  cases: () => 'cases?status=in-review',
  'of a coordinator': (number) => `cases?coordinator=sop-c${number % 20}`,
}

const services = await startBenchServices()
const load = httpLoad(services, DATABASE)
const client = await connect(services.mongodbUri)
try {
  const store = openStore(client, DATABASE)
  await insertAll(store.resources, PATIENTS, patient)
  await insertAll(store.resources, COUNT, appointment)
  await insertAll(store.resources, COUNT, secondOpinion)
  await prepareSchema(store)
  const server = await load.start('staff', HTTP_SIDE, ['staff'])
  const bare = await load.start('bare', new URL('staff/bare.ts', import.meta.url))
  const slow = await slowness(load, services, DATABASE)
  console.log('list               items       /s  CPU \u00b5s (own)  there   p95 ms')
  if (!values.only || values.only.split(',').includes('bare'))
    await measure(bare, 'day, bare', LISTS['day'] as Path, slow)
  for (const [name, path] of Object.entries(LISTS)) {
    if (values.only && !values.only.split(',').includes(name)) continue
    await measure(server, name, path, slow)
  }
} finally {
  await load.stop()
  await client.close()
  await services.stop()
}

async function measure(server: Server, name: string, path: Path, slow: number): Promise<void> {
  const step = Math.max(1, Math.floor(COUNT / PATHS) - 1)
  const paths = Array.from({ length: PATHS }, (_, number) => path(number * step))
  const items = await assertAnswered(server, paths[0] ?? '')
  const asked = paths.map((each) => `/api/${each}`)
  await load.measure(server, CONNECTIONS, WARM_UP_MS, asked)
  const rounds: Figures[] = []
  for (let round = 0; round < ROUNDS; round++) rounds.push(await load.measure(server, CONNECTIONS, ROUND_MS, asked))
  const middle = (figure: 'cpu' | 'own' | 'perSecond' | 'p95'): number => median(rounds.map((each) => each[figure]))
  const cpu = middle('cpu')
  const cells = [
    name.padEnd(18),
    String(items).padStart(5),
    middle('perSecond').toFixed(0).padStart(8),
    `${cpu.toFixed(0)} (${middle('own').toFixed(0)})`.padStart(14),
    (cpu / slow).toFixed(0).padStart(6),
    middle('p95').toFixed(1).padStart(8),
  ]
  console.log(cells.join(' ') + (cpu > TARGET ? `  over ${TARGET} here` : ''))
}

async function assertAnswered({ port }: Server, path: string): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${port}/api/${path}`)
  const { items = [] } = (await answer.json()) as { items?: readonly object[] }
  if (answer.status !== 200 || items.length === 0)
    throw new Error(`${path} answers ${answer.status}, ${items.length} items`)
  return items.length
}
