/**
 * How searches with answers of one size slow down as the database grows: `node bench/growth.ts --sizes 10000,100000`.
 *
 * A database for each size (and 1000000 when asked), one gateway on each, asked in turns, one request at a time: what is
 * measured is a search, not a queue. The 95th percentile is to grow less than 1.3 times from the smallest to the largest.
 */
import { parseArgs } from 'node:util'
import { openStore } from '../src/store/collections.ts'
import { connect } from '../src/store/connection.ts'
import { askings, OBSERVATIONS_PER_PATIENT, openClinic } from './support/clinic.ts'
import type { Asking } from './support/clinic.ts'
import { HTTP_SIDE, httpLoad } from './support/http-load.ts'
import type { Figures, HttpLoad, Server } from './support/http-load.ts'
import { startBenchServices } from './support/services.ts'
import { median } from './support/statistics.ts'

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '10000,100000' },
    connections: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '5' },
  },
})

const SIZES = values.sizes.split(',').map(Number)
const ROUND_MS = 600
const WARM_UP_MS = 1_000
const TARGET = 1.3

interface Grown {
  readonly size: number
  readonly server: Server
  readonly load: HttpLoad
  readonly askings: readonly Asking[]
}

const services = await startBenchServices()
const grown: Grown[] = []
try {
  for (const size of SIZES) grown.push(await grow(size))
  for (const name of grown[0]?.askings.map((each) => each.name) ?? []) await compare(name)
} finally {
  await Promise.all(grown.map(({ load }) => load.stop()))
  await services.stop()
}

async function grow(size: number): Promise<Grown> {
  const start = performance.now()
  const database = `clinic-${size}`
  const patients = 40 * Math.ceil(size / (1 + OBSERVATIONS_PER_PATIENT) / 40)
  const client = await connect(services.mongodbUri)
  await openClinic(openStore(client, database), patients)
  await client.close()
  console.log(`${size} resources loaded in ${((performance.now() - start) / 1000).toFixed(0)} s`)
  const load = httpLoad(services, database)
  return { size, load, server: await load.start(database, HTTP_SIDE), askings: askings(patients) }
}

async function compare(name: string): Promise<void> {
  for (const each of grown) await measure(each, name, WARM_UP_MS)
  const rounds: Figures[][] = []
  for (let round = 0; round < Number(values.rounds); round++) {
    const figures: Figures[] = []
    for (const each of grown) figures.push(await measure(each, name, ROUND_MS))
    rounds.push(figures)
  }
  const of = (index: number, figure: keyof Figures): number =>
    median(rounds.map((figures) => figures[index]?.[figure] ?? NaN))
  for (const [index, { size }] of grown.entries()) {
    const times = `p50 ${of(index, 'p50').toFixed(2)} ms  p95 ${of(index, 'p95').toFixed(2)} ms`
    console.log(`${name.padEnd(12)}  ${String(size).padStart(8)}  ${times}  CPU ${of(index, 'cpu').toFixed(0)} µs`)
  }
  const growth = median(rounds.map((figures) => (figures.at(-1)?.p95 ?? NaN) / (figures[0]?.p95 ?? NaN)))
  console.log(`${name.padEnd(12)}  p95 grows ${growth.toFixed(2)} times${growth < TARGET ? '' : `  over ${TARGET}`}`)
}

async function measure({ load, server, askings: all }: Grown, name: string, milliseconds: number): Promise<Figures> {
  const paths = all.find((each) => each.name === name)?.paths ?? []
  return load.measure(server, Number(values.connections), milliseconds, paths)
}
