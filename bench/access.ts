/**
 * What a Permit costs: reads and searches with tokens of patients, each about their own record, against the same requests
 * with authorization off. `node bench/access.ts [--patients 500]`: 20,000 Patients, 100,000 Observations, 64 connections.
 *
 * One process each, in turns, on one MongoDB. CPU is that of gateway and mongod together.
 */
import { parseArgs } from 'node:util'
import { openStore } from '../src/store/collections.ts'
import { connect } from '../src/store/connection.ts'
import { openClinic, longPatient, shortPatient } from './support/clinic.ts'
import { HTTP_SIDE, httpLoad } from './support/http-load.ts'
import type { Figures, Server } from './support/http-load.ts'
import type { Asked } from './support/load.ts'
import { patientId } from './support/patients.ts'
import { startBenchServices } from './support/services.ts'
import { median } from './support/statistics.ts'
import { patientToken } from './support/tokens.ts'

const { values } = parseArgs({
  options: {
    patients: { type: 'string', default: '500' },
    ms: { type: 'string', default: '4000' },
    only: { type: 'string' },
  },
})

const DATABASE = 'isthmus'
const PATIENTS = 20_000
/** who have a token each */
const CALLERS = Number(values.patients)
const CONNECTIONS = 64
const ROUNDS = 5
const ROUND_MS = Number(values.ms)
const WARM_UP_MS = 2_000
/** part of the requests with authorization off */
const TARGET = 0.8

const CODE = encodeURIComponent('http://loinc.org|8867-4')

/** Each about the patient whose token it carries. */
const ASKINGS: Readonly<Record<string, { readonly of: (number: number) => number; path: (id: string) => string }>> = {
  read: { of: shortPatient, path: (id) => `Patient/${id}` },
  observations: { of: shortPatient, path: (id) => `Observation?patient=${id}` },
  'patient+code': { of: shortPatient, path: (id) => `Observation?patient=${id}&code=${CODE}` },
  _revinclude: { of: shortPatient, path: (id) => `Patient?_id=${id}&_revinclude=Observation:patient` },
  sorted: { of: longPatient, path: (id) => `Observation?patient=${id}&code=${CODE}&_sort=-date&_count=20` },
}

const services = await startBenchServices()
const load = httpLoad(services, DATABASE)
const client = await connect(services.mongodbUri)
try {
  const store = openStore(client, DATABASE)
  await openClinic(store, PATIENTS)
  const open = await load.start('open', HTTP_SIDE)
  const guarded = await load.start('guarded', HTTP_SIDE, ['tokens'])
  console.log('asking            off/s   CPU \u00b5s (own)   tokens/s  CPU \u00b5s (own)  ratio')
  for (const [name, { of, path }] of Object.entries(ASKINGS)) {
    if (values.only && !values.only.split(',').includes(name)) continue
    const numbers = Array.from({ length: Math.min(CALLERS, PATIENTS / 40) }, (_, number) => of(number))
    const asked = await Promise.all(
      numbers.map(async (number) => {
        const id = patientId(number)
        return { path: path(id), token: await patientToken(store, id) }
      }),
    )
    await assertSame(open, guarded, asked[0] as Exclude<Asked, string>)
    await compare(name, open, guarded, asked)
  }
} finally {
  await load.stop()
  await client.close()
  await services.stop()
}

/** A patient's own record is the same with and without a token, or there is nothing to compare. */
async function assertSame(open: Server, guarded: Server, { path, token = '' }: Exclude<Asked, string>): Promise<void> {
  const headers = { Authorization: `Bearer ${token}` }
  const [one, other] = await Promise.all(
    [open, guarded].map(async ({ port }) => {
      const answer = await fetch(`http://127.0.0.1:${port}/fhir/R4/${path}`, { headers })
      const { entry, ...rest } = (await answer.json()) as { entry?: object[]; id?: string }
      return JSON.stringify(entry?.map((each) => ({ ...each, fullUrl: '' })) ?? rest)
    }),
  )
  if (one !== other) throw new Error(`${path} answers ${other} instead of ${one}`)
}

async function compare(name: string, open: Server, guarded: Server, asked: readonly Asked[]): Promise<void> {
  for (const server of [open, guarded]) await load.measure(server, CONNECTIONS, WARM_UP_MS, asked)
  const rounds: { open: Figures; guarded: Figures }[] = []
  for (let round = 0; round < ROUNDS; round++) {
    rounds.push({
      open: await load.measure(open, CONNECTIONS, ROUND_MS, asked),
      guarded: await load.measure(guarded, CONNECTIONS, ROUND_MS, asked),
    })
  }
  const middle = (figure: (each: (typeof rounds)[number]) => number): number => median(rounds.map(figure))
  const ratio = middle((each) => each.guarded.perSecond / each.open.perSecond)
  const cells = [
    name.padEnd(12),
    ...(['open', 'guarded'] as const).flatMap((which) => [
      middle((each) => each[which].perSecond)
        .toFixed(0)
        .padStart(10),
      `${middle((each) => each[which].cpu).toFixed(0)} (${middle((each) => each[which].own).toFixed(0)})`.padStart(13),
    ]),
    ratio.toFixed(2).padStart(6),
  ]
  console.log(cells.join(' ') + (ratio < TARGET ? `  under ${TARGET}` : ''))
}
