/**
 * How slow this machine is now. Targets in microseconds were set on one where a bare program (read/bare.ts: express, the
 * driver, one `findOne` a request, a stored text of 1.5 KB, 16 connections) takes 178 µs of CPU a read, mongod's together.
 * What the same program takes here, in the same run, tells what a figure of this run comes to there.
 */
import { connect } from '../../src/store/connection.ts'
import { seedTexts } from '../read/seed.ts'
import type { HttpLoad } from './http-load.ts'
import { patientId } from './patients.ts'
import type { BenchServices } from './services.ts'
import { median } from './statistics.ts'

const THERE = 178
const CONNECTIONS = 16
const TEXTS = 20_000
const WARM_UP_MS = 2_000
const ROUNDS = 5
const ROUND_MS = 1_000

/** By how many times; says so. */
export async function slowness(load: HttpLoad, services: BenchServices, database: string): Promise<number> {
  const client = await connect(services.mongodbUri)
  await seedTexts(client.db(database), TEXTS)
  await client.close()
  const bare = await load.start('bare', new URL('../read/bare.ts', import.meta.url))
  const paths = Array.from({ length: TEXTS }, (_, number) => `Patient/${patientId(number)}`)
  await load.measure(bare, CONNECTIONS, WARM_UP_MS, paths)
  const taken: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    taken.push((await load.measure(bare, CONNECTIONS, ROUND_MS, paths)).cpu)
  }
  const times = median(taken) / THERE
  console.log(
    `A bare read takes ${median(taken).toFixed(0)} µs of CPU here, ${times.toFixed(1)} times what it takes where the targets were set ("there").`,
  )
  return times
}
