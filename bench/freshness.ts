/**
 * Freshness: from the acknowledgement of a write in the source to its showing over HTTP:
 * `node bench/freshness.ts [--column occupation] [--rates 250,1000]`.
 *
 * The gateway runs in a process of its own, as `npm start` does; this program is the clinic's (writing through the
 * driver) and an EHR (asking again and again) at once, so what it measures includes both.
 *
 * The highest rate comes once more, as many writes as take of this machine what it takes of the one that the target was set on
 * (support/machine.ts).
 *
 * People are searched by their occupation; by whom to call (`emergencyContactName`) they are not.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { Collection } from 'mongodb'
import { connect } from '../src/store/connection.ts'
import { hmsPatient, hmsUser, uuidOf } from './source-rows.ts'
import type { Columns } from './source-rows.ts'
import { cpuTime } from './support/cpu-time.ts'
import { startGateway } from './support/gateway.ts'
import { httpLoad } from './support/http-load.ts'
import { slowness } from './support/machine.ts'
import { startBenchServices } from './support/services.ts'
import { quantile } from './support/statistics.ts'

const { values } = parseArgs({
  options: {
    column: { type: 'string', default: 'occupation' },
    rates: { type: 'string', default: '250,1000' },
  },
})

const ROWS = 1_000
const IDLE_WRITES = 150
const LOAD_SECONDS = 15
/** At each rate first: what one change at a time has never run is not compiled yet, and the first second waits for it. */
const WARM_UP_SECONDS = 5
const RATES = values.rates.split(',').map(Number)
const LOOKED_AT = 10
const LATE = 10_000
const TICK = 10
/** An EHR that asks more often under load would be a good part of the load. */
const POLL = { idle: 5, load: 15 }
const FIRST_MARK = 1_000_000

const services = await startBenchServices()
const slow = await measuredSlowness()
const client = await connect(services.mongodbUri)
const gateway = await startGateway(services)
try {
  const patients = client.db('hms').collection<Columns>('patients')
  await seed()
  await idle(patients)
  for (const rate of [...RATES, Math.round(Math.max(...RATES) / slow)]) {
    await underLoad(patients, rate, WARM_UP_SECONDS)
    report(await underLoad(patients, rate, LOAD_SECONDS))
  }
} finally {
  await gateway.stop()
  await client.close()
  await services.stop()
}

async function measuredSlowness(): Promise<number> {
  const load = httpLoad(services, 'bare')
  try {
    return await slowness(load, services, 'bare')
  } finally {
    await load.stop()
  }
}

async function seed(): Promise<void> {
  const many = (row: (index: number) => Columns) => Array.from({ length: ROWS }, (_, index) => row(index))
  await client.db('hms').collection<Columns>('users').insertMany(many(hmsUser))
  await client.db('hms').collection<Columns>('patients').insertMany(many(hmsPatient))
  while ((await read(ROWS - 1)) === '') await sleep(50)
}

async function read(index: number): Promise<string> {
  const response = await fetch(`${gateway.url}/fhir/R4/Patient/hms-${uuidOf(4, index)}`)
  const text = await response.text()
  return response.ok ? text : ''
}

/** Writes and waits; gives the milliseconds from the acknowledgement to the answer that shows it. */
async function change(patients: Collection<Columns>, index: number, mark: number, poll: number): Promise<number> {
  await patients.updateOne({ id: uuidOf(4, index) }, { $set: { [values.column]: `job${mark}.` } })
  const acknowledged = performance.now()
  for (;;) {
    const shown = /job(\d+)\./.exec(await read(index))?.[1]
    const waited = performance.now() - acknowledged
    if (Number(shown ?? -1) >= mark || waited > LATE) return waited
    await sleep(poll)
  }
}

async function idle(patients: Collection<Columns>): Promise<void> {
  const times: number[] = []
  for (let mark = 0; mark < IDLE_WRITES; mark++) {
    times.push(await change(patients, mark % ROWS, mark, POLL.idle))
    await sleep(30)
  }
  report({ name: 'idle', times, more: '' })
}

interface Load {
  readonly name: string
  readonly times: readonly number[]
  readonly more: string
}

/** Writes go out for so many seconds, every few milliseconds, together, as a busy program's do; a few of them are looked for. */
async function underLoad(patients: Collection<Columns>, rate: number, seconds: number): Promise<Load> {
  const times: number[] = []
  const running: Promise<unknown>[] = []
  const cpu = cpuTime([gateway.pid]) + services.mongodCpu()
  const start = performance.now()
  let sent = 0
  while (performance.now() - start < seconds * 1000) {
    const due = Math.floor(((performance.now() - start) / 1000) * rate)
    const updates = []
    for (; sent < due; sent++) {
      const mark = FIRST_MARK + sent
      if (sent % Math.round(rate / LOOKED_AT) === 0) {
        running.push(change(patients, sent % ROWS, mark, POLL.load).then((time) => times.push(time)))
      } else {
        const filter = { id: uuidOf(4, sent % ROWS) }
        updates.push({ updateOne: { filter, update: { $set: { [values.column]: `job${mark}.` } } } })
      }
    }
    if (updates.length > 0) running.push(patients.bulkWrite(updates, { ordered: false }))
    await sleep(TICK)
  }
  await Promise.all(running)
  const used = (cpuTime([gateway.pid]) + services.mongodCpu() - cpu) / sent
  const took = (performance.now() - start) / 1000
  return { name: `${Math.round(sent / took)} writes/s`, times, more: `${Math.round(used)} µs CPU a write` }
}

function report({ name, times, more }: Load): void {
  const figures = [0.5, 0.95, 0.99].map((part) => `p${part * 100} ${quantile(times, part).toFixed(1)} ms`).join('  ')
  console.log(`${name.padEnd(16)} ${figures}  (${times.length} looked at)  ${more}`)
}
