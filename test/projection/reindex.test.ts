import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { createLogger } from '../../src/kernel/logger.ts'
import { Reindex } from '../../src/projection/reindex.ts'
import { parameterHashes } from '../../src/r4/parameter-hashes.ts'
import { useSearchParameters } from '../../src/r4/search-parameters.ts'
import type { SearchParameter } from '../../src/r4/search-parameters.ts'
import { readBuilding } from '../../src/store/indexing.ts'
import { registerWriter } from '../../src/store/writers.ts'
import type { Writer } from '../../src/store/writers.ts'
import type { FhirServer } from '../support/fhir-server.ts'
import { documentsOf, startFhirServer } from '../support/fhir-server.ts'
import { reindexed } from './reindexed.ts'

const SHOE = 'https://interop.example.org/StructureDefinition/shoe-size'
const MANY = 1_000
/** All of them, and said to be. */
const ALL = MANY + 1

let server: FhirServer
let child: ChildProcess | undefined
const writers: Writer[] = []

beforeEach(async () => {
  useSearchParameters([])
  server = await startFhirServer()
})

afterEach(async () => {
  child?.kill('SIGKILL')
  await Promise.all(writers.splice(0).map((writer) => writer.stop()))
  await server.stop()
  useSearchParameters([])
})

const person = (id: string, size: number) => ({
  resourceType: 'Patient',
  id,
  extension: [{ url: SHOE, valueInteger: size }],
})

async function putMany(count: number): Promise<void> {
  const documents = Array.from({ length: count }, (_, n) => documentsOf(person(`p${n}`, n % 10)).document)
  await server.store.resources.insertMany(documents)
}

/** A program with the parameters in use takes its place, as a gateway does that starts. */
async function begin(owner: string): Promise<Writer> {
  const writer = await registerWriter(server.store, {
    owner,
    isDead: () => false,
    hashes: parameterHashes(),
    longest: 1_000,
  })
  writers.push(writer)
  return writer
}

function reindex(): Reindex {
  return new Reindex({ store: server.store, log: createLogger('silent') })
}

async function finish(work: Reindex): Promise<void> {
  await work.look()
  while (await work.step());
}

test('a new parameter is refused until every resource has its keys, and then finds them all', async () => {
  await putMany(450)
  useSearchParameters([reindexed])
  await begin('new')
  const work = reindex()
  await work.look()
  for (let steps = 0; steps < 2; steps++) await work.step()
  const refused = await server.get('Patient?shoe-size=3')
  expect(refused.status).toBe(503)
  expect(refused.headers.get('Retry-After')).not.toBeNull()
  expect(refused.json.issue?.[0]).toMatchObject({ severity: 'error', code: 'transient' })
  expect(refused.json.issue?.[0]?.diagnostics).toMatch(
    /^The index of "shoe-size" of Patient is being built, \d+ of 450 resources are done/,
  )
  expect(await readBuilding(server.store)).toEqual([
    { type: 'Patient', codes: ['shoe-size'], done: 200, total: 450, waits: false },
  ])
  expect((await server.get('Patient?_id=p3')).json.total).toBe(1)
  // Written meanwhile, before and behind where the work is
  await server.send('PUT', 'Patient/a', person('a', 3))
  await server.send('PUT', 'Patient/p449', person('p449', 77))
  await server.send('PUT', 'Patient/z', person('z', 3))
  await finish(work)
  await sleep(1_100)
  expect((await server.get('Patient?shoe-size=3&_count=1')).json.total).toBe(47)
  expect(await server.ids('Patient?shoe-size=77')).toEqual(['p449'])
  expect((await server.get('Patient?shoe-size=9&_count=1')).json.total).toBe(44)
})

test('everything that would use the keys is refused; lenient handling leaves it out and says so', async () => {
  await putMany(10)
  useSearchParameters([reindexed])
  await begin('new')
  await reindex().look()
  const uses = [
    'Patient?_sort=shoe-size',
    'Patient?shoe-size:missing=true',
    'Observation?patient.shoe-size=3',
    'Observation?subject:Patient.shoe-size=3',
    'Observation?_has:Provenance:target:patient.shoe-size=3',
    'RelatedPerson?patient.shoe-size=3',
    '?_type=Patient&shoe-size=3',
    'Patient/p1/Patient?shoe-size=3',
  ]
  for (const use of uses) expect([use, (await server.get(use)).status]).toEqual([use, 503])
  const put = await server.send('PUT', 'Patient?shoe-size=3', { resourceType: 'Patient' })
  expect(put.status).toBe(503)
  const created = await server.send('POST', 'Patient', { resourceType: 'Patient' }, { 'If-None-Exist': 'shoe-size=3' })
  expect(created.status).toBe(503)
  const lenient = await server.get('Patient?shoe-size=3&_sort=shoe-size', { headers: { Prefer: 'handling=lenient' } })
  expect(lenient.json.total).toBe(10)
  expect(lenient.json.link?.[0]?.url).not.toContain('shoe-size')
  expect(lenient.json.entry?.at(-1)?.search?.mode).toBe('outcome')
  expect(JSON.stringify(lenient.json.entry?.at(-1))).toContain('is being built')
})

test('a changed parameter is built anew; one that is taken out is unknown at once', async () => {
  await putMany(10)
  useSearchParameters([reindexed])
  const first = await begin('first')
  await finish(reindex())
  expect(await server.ids('Patient?shoe-size=3')).toEqual(['p3'])
  await first.stop()
  const renamed: SearchParameter = { ...reindexed, expression: `(Patient.extension('urn:size').value as integer)` }
  useSearchParameters([renamed])
  const second = await begin('second')
  expect((await server.get('Patient?shoe-size=3')).status).toBe(503)
  await finish(reindex())
  await sleep(1_100)
  expect(await server.ids('Patient?shoe-size=3')).toEqual([])
  await second.stop()
  useSearchParameters([])
  await begin('third')
  expect((await server.get('Patient?shoe-size=3')).status).toBe(400)
})

test('beside a program that does not know the parameter it is not served, and built when that one has ended', async () => {
  await putMany(10)
  const old = await begin('old')
  useSearchParameters([reindexed])
  await begin('new')
  const work = reindex()
  await finish(work)
  expect((await readBuilding(server.store))[0]).toMatchObject({ type: 'Patient', waits: true })
  expect((await server.get('Patient?shoe-size=3')).json.issue?.[0]?.diagnostics).toContain('waits for a program')
  await old.stop()
  await finish(work)
  await sleep(1_100)
  expect(await server.ids('Patient?shoe-size=3')).toEqual(['p3'])
  // It comes back (a roll-back): what it writes has no such keys, so from its start nobody relies on them
  useSearchParameters([])
  const again = begin('old')
  await sleep(1_500)
  useSearchParameters([reindexed])
  expect((await server.get('Patient?shoe-size=3')).status).toBe(503)
  await again
}, 20_000)

test('a program that lost its place writes nothing until it has one again', async () => {
  const writer = await begin('frozen')
  const now = Date.now
  try {
    Date.now = () => now() + 60_000
    const written = await server.send('POST', 'Basic', { resourceType: 'Basic', code: { text: 'x' } })
    expect(written.status).toBe(503)
  } finally {
    Date.now = now
  }
  expect((await server.send('POST', 'Basic', { resourceType: 'Basic', code: { text: 'x' } })).status).toBe(201)
  await writer.stop()
})

test('killed again and again in the middle, it goes on where it was', async () => {
  await putMany(MANY)
  const seen: number[] = []
  const start = (): ChildProcess =>
    spawn(process.execPath, [new URL('reindex-process.ts', import.meta.url).pathname, server.store.db.databaseName], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, NODE_OPTIONS: '' },
    })
  const state = async () => (await server.store.indexing.findOne({ _id: 'Patient' })) ?? { done: 0, ready: {} }
  const progress = async (): Promise<number> => ('shoe-size' in (await state()).ready ? ALL : (await state()).done)
  while ((seen.at(-1) ?? 0) < ALL) {
    child = start()
    const exit = once(child, 'exit')
    const before = await progress()
    while ((await progress()) <= before) await sleep(5)
    child.kill('SIGKILL')
    await exit
    seen.push(await progress())
  }
  expect(seen.length).toBeGreaterThan(1)
  expect(seen).toEqual([...seen].sort((a, b) => a - b))
  useSearchParameters([reindexed])
  expect((await server.get('Patient?shoe-size=3&_count=1')).json.total).toBe(MANY / 10)
}, 60_000)
