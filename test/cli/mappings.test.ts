/** Changing a mapping under two gateways that run, and putting it back (docs/mapping-changes.md). */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Store } from '../../src/store/collections.ts'
import { openStore } from '../../src/store/collections.ts'
import { connect } from '../../src/store/connection.ts'
import { readActiveMappings } from '../../src/store/mapping-sets.ts'
import type { Running, Variables } from './gateway.ts'
import { dropOwn, isthmus, ownVariables, run, stop } from './gateway.ts'

const root = resolve(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'isthmus-mappings-'))
const codes = join(folder, 'hms/codes.yaml')
const MARRIED = ['married: M,', 'M: Married,'] as const
const PARTNER = ['married: T,', 'T: Domestic partner,'] as const

let variables: Variables
let store: Store
/** two of them, on one database */
const gateways: { program: Running; origin: string }[] = []

beforeAll(async () => {
  for (const name of ['hms', 'routing.yaml'])
    cpSync(join(root, 'mappings', name), join(folder, name), { recursive: true })
  variables = { ...ownVariables(), ISTHMUS_MAPPINGS: folder, ISTHMUS_DEMO: 'true' }
  store = openStore(await connect(variables['MONGODB_URI'] ?? ''), variables['ISTHMUS_DATABASE'] ?? '')
  gateways.push(await startGateway(), await startGateway())
  await settled()
}, 120_000)

afterAll(async () => {
  await Promise.all(gateways.map(({ program }) => stop(program)))
  await dropOwn(store.client, variables)
  await store.client.close()
  rmSync(folder, { recursive: true, force: true })
})

async function startGateway(): Promise<(typeof gateways)[number]> {
  const program = run('main.ts', [], variables)
  const [, origin = ''] = await program.line(/^isthmus ready (\S+)$/m)
  return { program, origin }
}

async function restart(index: number): Promise<void> {
  gateways[index]?.program.child.kill('SIGTERM')
  expect((await gateways[index]?.program.ended)?.code).toBe(0)
  gateways[index] = await startGateway()
}

function replace(file: string, from: readonly string[], to: readonly string[]): void {
  const text = readFileSync(file, 'utf8')
  for (const each of from) expect(text).toContain(each)
  writeFileSync(
    file,
    from.reduce((all, each, index) => all.replace(each, to[index] ?? ''), text),
  )
}

/** Nothing is on its way any more. */
async function settled(): Promise<void> {
  for (let quiet = 0, before = ''; quiet < 4;) {
    const open = await store.backfills.countDocuments({ phase: { $ne: 'done' } })
    const versions = await store.versions.countDocuments({ tt: { $ne: 'default/Basic' } })
    const now = `${versions} ${await store.pending.countDocuments()}`
    quiet = open === 0 && now === before ? quiet + 1 : 0
    before = now
    await sleep(250)
  }
}

/** The version of the mapping that each resource of HMS says it is of, and that of the definitions. */
async function versionsInForce(): Promise<Map<string, string>> {
  const found = await store.resources.find({ 'origin.mapping': /^hms\//, deleted: false }).toArray()
  const definitions = await store.meta.findOne({ _id: 'definitions/default' })
  return new Map([
    ...found.map(({ _id, origin }) => [_id, origin?.mappingHash ?? ''] as const),
    ['definitions', definitions?.hash ?? ''],
  ])
}

/** Other mappings are applied: every resource says so. */
async function appliedAfter(old: ReadonlyMap<string, string>): Promise<void> {
  const isOld = ([id, version]: [string, string]): boolean => old.get(id) === version
  for (let tries = 0; ; tries++) {
    const behind = [...(await versionsInForce())].filter(isOld)
    if (behind.length === 0) break
    if (tries === 240) throw new Error(`still as before: ${JSON.stringify(behind)}`)
    await sleep(250)
  }
  await settled()
}

interface Kept {
  readonly v: number
  /** byte for byte, but for versionId and lastUpdated */
  readonly text: string
}

/** All but what clients store here of their own. */
async function everything(): Promise<Map<string, Kept>> {
  const found = await store.resources
    .find({ origin: { $exists: true } })
    .sort({ _id: 1 })
    .toArray()
  return new Map(
    found.map(({ _id, v, body, deleted }) => {
      const text = body.replace(/"versionId":"\d+","lastUpdated":"[^"]+"/, '')
      return [_id, { v, text: deleted ? 'deleted' : text }]
    }),
  )
}

function changed(before: ReadonlyMap<string, Kept>, after: ReadonlyMap<string, Kept>): string[] {
  return [...after].filter(([id, { v }]) => before.get(id)?.v !== v).map(([id]) => id)
}

/** Those whose content is not the same, and those that are not in both. */
function different(before: ReadonlyMap<string, Kept>, after: ReadonlyMap<string, Kept>): string[] {
  return [...new Set([...before.keys(), ...after.keys()])].filter((id) => before.get(id)?.text !== after.get(id)?.text)
}

/** Reads and writes through both gateways until it is stopped; says how often, and what went wrong. */
function keepBusy(paths: readonly string[]): { stop(): Promise<{ times: number; wrong: string[] }> } {
  let busy = true
  let times = 0
  const wrong: string[] = []
  const body = JSON.stringify({ resourceType: 'Basic', code: { text: 'written meanwhile' } })
  const headers = { 'Content-Type': 'application/fhir+json' }
  const clients = gateways.map(async ({ origin }) => {
    while (busy) {
      const path = paths[times++ % paths.length] ?? ''
      const read = await fetch(`${origin}/fhir/R4/${path}`)
      const written = await fetch(`${origin}/fhir/R4/Basic`, { method: 'POST', headers, body })
      if (read.status !== 200) wrong.push(`${path}: ${read.status}`)
      if (written.status !== 201) wrong.push(`POST: ${written.status}`)
      await sleep(5)
    }
  })
  const stop = async (): Promise<{ times: number; wrong: string[] }> => {
    busy = false
    await Promise.all(clients)
    return { times, wrong }
  }
  return { stop }
}

async function inForce(): Promise<string> {
  return (await readActiveMappings(store))?.active ?? ''
}

/** The mapping's version as each gateway says it with the resource. */
async function lineageVersions(place: string): Promise<unknown[]> {
  return Promise.all(
    gateways.map(async ({ origin }) => {
      const response = await fetch(`${origin}/fhir/R4/${place}/$lineage`)
      const { parameter } = (await response.json()) as {
        parameter: { name: string; part?: { name: string; valueString?: string }[] }[]
      }
      const mapping = parameter.find(({ name }) => name === 'mapping')
      return mapping?.part?.find(({ name }) => name === 'version')?.valueString
    }),
  )
}

const states = { first: new Map<string, Kept>(), second: new Map<string, Kept>() }
let married = ''

test('a dry run counts what an edited code table changes, shows it element by element, and changes nothing', async () => {
  states.first = await everything()
  const versions = await store.versions.countDocuments()
  replace(codes, MARRIED, PARTNER)
  const { code, out } = await isthmus(['backfill', 'hms', '--dry-run', '--json'], variables)
  expect(code).toBe(0)
  const runs = Object.values(
    JSON.parse(out) as Record<
      string,
      {
        counts: { create: number; update: number; delete: number }
        changes: { resource: string; differences: object[] }[]
      }
    >,
  )
  const sum = (of: 'create' | 'update' | 'delete'): number => runs.reduce((total, { counts }) => total + counts[of], 0)
  expect([sum('create'), sum('update'), sum('delete')]).toEqual([0, 1, 0])
  const [change] = runs.flatMap(({ changes }) => changes)
  married = change?.resource ?? ''
  expect(change?.differences).toEqual([
    { path: 'maritalStatus.coding[0].code', before: '"M"', after: '"T"' },
    { path: 'maritalStatus.coding[0].display', before: '"Married"', after: '"Domestic partner"' },
  ])
  expect(different(states.first, await everything())).toEqual([])
  expect(await store.versions.countDocuments()).toBe(versions)
}, 180_000)

test('activated, it is applied while reads and writes go on: what differs gets a version, and nothing else', async () => {
  const before = await inForce()
  const old = await versionsInForce()
  const place = married.replace('default/', '')
  const clients = keepBusy([place, 'Patient?_count=5', 'Appointment'])
  const { code, out } = await isthmus(['mappings', 'activate'], variables)
  expect([code, out]).toEqual([0, expect.stringMatching(/^The mappings [0-9a-f]{12} are in force; [^\n]+\n$/)])
  await appliedAfter(old)
  const { times, wrong } = await clients.stop()
  expect(wrong).toEqual([])
  expect(times).toBeGreaterThan(20)
  expect(await inForce()).not.toBe(before)
  const status = await isthmus(['status', '--json'], variables)
  expect(JSON.parse(status.out)).toMatchObject({ mappings: { inForce: await inForce(), behind: 0 } })
  expect((await isthmus(['status'], variables)).out).not.toContain('still to be applied')

  states.second = await everything()
  const made = changed(states.first, states.second)
  // Besides the patient the definitions that are made of the table: those say it to FHIR clients
  expect(made.filter((id) => !/^[^/]+\/(CodeSystem|ValueSet|ConceptMap|StructureDefinition)\//.test(id))).toEqual([
    married,
  ])
  expect(states.second.get(married)?.text).toContain('"code":"T"')
  const version = (await versionsInForce()).get(married)
  expect(await lineageVersions(place)).toEqual([version, version])
}, 180_000)

test('rolled back, every resource is what it was, byte for byte, in a later version', async () => {
  const old = await versionsInForce()
  const clients = keepBusy([married.replace('default/', ''), 'Patient?_count=5'])
  const { code, out } = await isthmus(['mappings', 'rollback'], variables)
  expect([code, out]).toEqual([0, expect.stringMatching(/^The mappings [0-9a-f]{12} are in force again; [^\n]+\n$/)])
  await appliedAfter(old)
  expect((await clients.stop()).wrong).toEqual([])
  const after = await everything()
  expect(different(states.first, after)).toEqual([])
  expect(changed(states.second, after)).toEqual(changed(states.first, states.second))
  expect(after.get(married)?.v).toBe(3)
}, 180_000)

test('a gateway that starts with the folder that was rolled back stays with what is in force', async () => {
  const hash = await inForce()
  const before = await everything()
  await restart(0)
  await settled()
  expect(await inForce()).toBe(hash)
  const after = await everything()
  expect([different(before, after), changed(before, after)]).toEqual([[], []])
}, 180_000)

test('a backfill beside the gateways goes by what is in force, not by the folder', async () => {
  const before = await everything()
  expect((await isthmus(['backfill', 'hms'], variables)).code).toBe(0)
  const after = await everything()
  expect([different(before, after), changed(before, after)]).toEqual([[], []])
}, 180_000)

test('each of that is on record: what was put in force by whom, what was tried and what was projected again', async () => {
  const events = await store.audit.find({ kind: { $in: ['mappings', 'backfill'] } }).toArray()
  expect(events.map(({ t, action, query = '' }) => `${t} ${action} ${query.replace(/[0-9a-f]{12}/, 'hash')}`)).toEqual([
    'default U activate hash at the start',
    'default R dry run of hms',
    'default U activate hash',
    'default U roll back to hash',
    'default E run of hms',
  ])
  expect(events.map(({ who }) => who.name?.replace(/ by .*/, ''))).toContain('isthmus backfill')
})

test('a folder that changed since is activated at the start, and the gateway that ran follows', async () => {
  const before = await inForce()
  const old = await versionsInForce()
  replace(codes, [PARTNER[1]], ['T: Partner,'])
  await restart(1)
  await appliedAfter(old)
  expect(await inForce()).not.toBe(before)
  const body = (await everything()).get(married)?.text
  expect(body).toContain('"display":"Partner"')
  const [one, other] = await lineageVersions(married.replace('default/', ''))
  expect(one).toBe(other)
}, 180_000)

test('rolling back by hash goes to any set that was in force; a hash that is not kept is refused', async () => {
  const { out } = await isthmus(['mappings'], variables)
  const lines = out.trimEnd().split('\n')
  expect(lines).toHaveLength(3)
  expect(lines[0]).toMatch(/^\* [0-9a-f]{12} {2}\S+ {2}\d+ files$/)
  const hash = await inForce()
  const refused = await isthmus(['mappings', 'rollback', 'ffffffffffff'], variables)
  expect([refused.code, refused.err]).toEqual([
    1,
    expect.stringMatching(/^The mappings ffffffffffff are not kept[^\n]+\n$/),
  ])
  expect(await inForce()).toBe(hash)
}, 180_000)

test('a folder with a mistake is refused where it is, and changes nothing', async () => {
  const hash = await inForce()
  const before = await everything()
  const text = readFileSync(codes, 'utf8')
  writeFileSync(codes, `${text}\nbroken: [\n`)
  const { code, out, err } = await isthmus(['mappings', 'activate'], variables)
  writeFileSync(codes, text)
  expect([code, out]).toEqual([1, ''])
  expect(err).toMatch(/hms\/codes\.yaml:\d+: /)
  expect(err).toMatch(/mistakes? in the mappings; mend /)
  expect(await inForce()).toBe(hash)
  const after = await everything()
  expect([different(before, after), changed(before, after)]).toEqual([[], []])
}, 180_000)
