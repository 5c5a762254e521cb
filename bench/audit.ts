/**
 * What the audit costs: `node bench/audit.ts`.
 *
 * Reads by id and creates of Observations that no source holds, asked of the FHIR API without HTTP around it, 64 at a time:
 * with everything on record, and with nothing, in turns, in this process. An event is counted with its way into the
 * database; what linking costs, which another program may do, is said apart. CPU of Node, and of mongod beside it.
 */
import { createSecretKey } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { anybodyIn } from '../src/access/caller.ts'
import { sealOpen } from '../src/audit/sealer.ts'
import { Spool } from '../src/audit/spool.ts'
import { audited } from '../src/fhir/audited.ts'
import { fhirHandler } from '../src/fhir/router.ts'
import type { FhirHandler, FhirRequest } from '../src/http/answer.ts'
import { Deadline } from '../src/kernel/deadline.ts'
import { defaultLimits } from '../src/kernel/limits.ts'
import { createLogger } from '../src/kernel/logger.ts'
import { planOf } from '../src/projection/plan.ts'
import { baseDefinitions } from '../src/r4/base-layer.ts'
import { registryOf } from '../src/r4/registry.ts'
import { addAudit } from '../src/store/audit.ts'
import type { Store } from '../src/store/collections.ts'
import { openStore } from '../src/store/collections.ts'
import { connect } from '../src/store/connection.ts'
import { searchState } from '../src/store/indexing.ts'
import { resourceReader } from '../src/store/resource-reader.ts'
import { prepareSchema } from '../src/store/schema.ts'
import { nativeObservation } from './native-resources.ts'
import { cpuTime } from './support/cpu-time.ts'
import type { BenchServices } from './support/services.ts'
import { startBenchServices } from './support/services.ts'
import { median } from './support/statistics.ts'

const CLIENTS = 64
const ROUNDS = 5
const READS = 20_000
const CREATES = 3_000
const TARGETS = { read: 50, create: 200 } as const

interface Cost {
  readonly node: number
  readonly mongod: number
}

let turns = 0
const folder = mkdtempSync(join(tmpdir(), 'isthmus-bench-audit-'))
const services = await startBenchServices()
const client = await connect(services.mongodbUri)
try {
  const store = openStore(client, 'bench_audit')
  await prepareSchema(store)
  const log = createLogger('warn')
  const bare = handlerOf(store)
  const common = { folder, owner: 'bench', isDead: () => false, mostBytes: 1e9, log }
  const spool = new Spool({ ...common, add: (events) => addAudit(store, events) })
  const recorded = audited(bare, { spool, log, sealed: () => new Map() })
  const ids = await made(bare, CLIENTS)
  await compare('read', { bare, recorded }, READS, (turn) => ['GET', ['Observation', ids[turn % ids.length] ?? '']])
  console.log(`linking: ${await linking(services, store)} CPU µs an event, Node and mongod together`)
  await compare('create', { bare, recorded }, CREATES, (turn) => ['POST', ['Observation'], observation(turn)])
  await spool.close()
} finally {
  await client.close()
  await services.stop()
  rmSync(folder, { recursive: true })
}

function handlerOf(store: Store): FhirHandler {
  return fhirHandler({
    reader: resourceReader(store),
    searchState: searchState(store),
    writeBack: { store, plan: planOf([], 'https://interop.example.org'), routing: {} },
    pageKey: createSecretKey(Buffer.alloc(32)),
    profiles: new Map(),
    registry: registryOf(baseDefinitions(), []),
    limits: defaultLimits,
    fileTypes: [],
  })
}

function observation(turn: number): string {
  return JSON.stringify(nativeObservation(turn))
}

type Asked = (turn: number) => readonly [method: string, path: readonly string[], body?: string]

async function ask(fhir: FhirHandler, [method, path, body]: ReturnType<Asked>): Promise<FhirRequest['path']> {
  const deadline = new Deadline(10_000)
  const type = body === undefined ? undefined : 'application/fhir+json'
  const { headers = {} } = await fhir({
    ...{ method, path, query: [], base: 'http://localhost/fhir/R4', tenant: 'default', caller: anybodyIn('default') },
    ...(body !== undefined && { body }),
    ...{ deadline, header: (name: string) => (name === 'content-type' ? type : undefined), address: '127.0.0.1' },
  })
  deadline.close()
  return (headers['Location'] ?? '').split('/')
}

async function made(fhir: FhirHandler, count: number): Promise<string[]> {
  const ids: string[] = []
  for (let turn = 0; turn < count; turn++) {
    const place = await ask(fhir, ['POST', ['Observation'], observation(turn)])
    ids.push(place.at(-3) ?? '')
  }
  return ids
}

async function compare(
  what: keyof typeof TARGETS,
  { bare, recorded }: { readonly bare: FhirHandler; readonly recorded: FhirHandler },
  count: number,
  asked: Asked,
): Promise<void> {
  for (const fhir of [bare, recorded]) await measure(fhir, count, asked)
  const rounds: (readonly [Cost, Cost])[] = []
  for (let round = 0; round < ROUNDS; round++) {
    rounds.push([await measure(bare, count, asked), await measure(recorded, count, asked)])
  }
  const more = (part: keyof Cost): number => median(rounds.map(([without, with_]) => with_[part] - without[part]))
  const of = (index: 0 | 1, part: keyof Cost): string => median(rounds.map((round) => round[index][part])).toFixed(0)
  for (const [index, name] of ['nothing on record', 'everything'].entries()) {
    console.log(`${what}, ${name}: Node ${of(index as 0 | 1, 'node')} µs, mongod ${of(index as 0 | 1, 'mongod')} µs`)
  }
  const over = more('node') > TARGETS[what] ? `  over ${TARGETS[what]}` : ''
  console.log(`${what}, the audit: Node ${more('node').toFixed(0)} µs, mongod ${more('mongod').toFixed(0)} µs${over}`)
}

async function measure(fhir: FhirHandler, count: number, asked: Asked): Promise<Cost> {
  const [node, mongod] = [cpuTime([process.pid]), services.mongodCpu()]
  const last = turns + count
  const oneClient = async (): Promise<void> => {
    while (turns < last) await ask(fhir, asked(turns++))
  }
  await Promise.all(Array.from({ length: CLIENTS }, oneClient))
  while (readdirSync(folder).length > 0) await sleep(20)
  return { node: (cpuTime([process.pid]) - node) / count, mongod: (services.mongodCpu() - mongod) / count }
}

async function linking(own: BenchServices, store: Store): Promise<string> {
  const before = cpuTime([process.pid]) + own.mongodCpu()
  const count = await sealOpen(store)
  return ((cpuTime([process.pid]) + own.mongodCpu() - before) / count).toFixed(0)
}
