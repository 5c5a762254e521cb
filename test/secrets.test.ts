/**
 * What a mapping names secret is nowhere but in its source row (entities G13): a canary is planted in every such column of
 * every system, the gateway is used in every way, and then every byte it keeps, logged or answered is searched for one.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { Redis } from 'ioredis'
import type { Document, MongoClient } from 'mongodb'
import { parse } from 'yaml'
import { connect } from '../src/store/connection.ts'
import type { Running, Variables } from './cli/gateway.ts'
import { dropOwn, isthmus, ownVariables, run, stop } from './cli/gateway.ts'

/** What every canary begins with. */
const CANARY = 'CANARY'
/** What a client asked for is told back to it, and is on record as asked for. */
const ASKED = `asked-${CANARY}`
/** in the one field of the reference mappings that is sealed */
const SEALED = 'POLICY-NUMBER-OF-SOMEBODY'
const SYSTEMS = ['hms', 'qivr', 'healthapi', 'sop']
/** entities G13, and what is secret of the clinic's own audit */
const NAMED = [
  ...['password', 'hashed_password', 'refreshToken', 'resetPasswordToken', 'resetPasswordExpires', 'mfaSecret'],
  ...['mfaEnabled', 'token_hash', 'cognito_id', 'ssn', 'changes', 'details'],
]

interface Secret {
  readonly system: string
  readonly collection: string
  readonly column: string
}

const secrets: readonly Secret[] = SYSTEMS.flatMap((system) => {
  const columns = parse(readFileSync(join('mappings', system, 'columns.yaml'), 'utf8')) as Record<string, object>
  return Object.entries(columns).flatMap(([collection, kinds]) =>
    Object.entries(kinds).flatMap(([column, kind]) => (kind === 'secret' ? [{ system, collection, column }] : [])),
  )
})

let variables: Variables
let gateway: Running
let client: MongoClient
let url: string
/** of answers that were asked for */
const answered: Buffer[] = []
/** of the program, while it ran */
let said: string

beforeAll(async () => {
  variables = { ...ownVariables(), ISTHMUS_DEMO: 'true', LOG_LEVEL: 'trace' }
  client = await connect(variables['MONGODB_URI'] ?? '')
  gateway = run('main.ts', [], variables)
  const [, address = ''] = await gateway.line(/^isthmus ready (http:\/\/127\.0\.0\.1:\d+)$/m)
  url = address
  await plant()
  await use()
  gateway.child.kill('SIGTERM')
  const { out, err } = await gateway.ended
  said = out + err
}, 300_000)

afterAll(async () => {
  await stop(gateway)
  await dropOwn(client, variables)
  await client.close()
})

const sourceOf = (system: string) => client.db(variables[`${system.toUpperCase()}_DATABASE`])

/** In every row there is, and in one of a collection that is empty. */
async function plant(): Promise<void> {
  for (const { system, collection, column } of secrets) {
    const rows = sourceOf(system).collection(collection)
    const value = `${CANARY}-${system}-${collection}-${column}`
    // What a client of the clinic's program left in an audit is an object
    const planted = column === 'changes' ? { before: { note: value }, after: [value] } : value
    const { matchedCount } = await rows.updateMany({}, { $set: { [column]: planted } })
    if (matchedCount === 0) await rows.insertOne({ [column]: planted })
  }
  const patients = sourceOf('hms').collection('patients')
  await patients.updateMany({}, { $set: { insurancePolicyNumber: SEALED, occupation: 'Beekeeper' } })
  for (let tries = 0; !(await ask('/fhir/R4/Patient?occupation=beekeeper')).includes('Beekeeper'); tries++) {
    if (tries === 400) throw new Error('the rows were not projected')
    await sleep(50)
  }
}

async function ask(path: string, init: RequestInit = {}): Promise<string> {
  const response = await fetch(`${url}${path}`, { ...init, headers: { 'content-type': 'application/fhir+json' } })
  const bytes = Buffer.from(await response.arrayBuffer())
  answered.push(Buffer.from(bytes.toString('utf8').replaceAll(ASKED, '')))
  return bytes.toString('utf8')
}

interface Entry {
  readonly resource: Readonly<Record<string, unknown>> & { readonly resourceType: string; readonly id: string }
}

/** Every type in every tenant: read, found, its history and lineage, written as it is and written wrong. */
async function use(): Promise<void> {
  const statement = JSON.parse(await ask('/fhir/R4/metadata')) as { rest: [{ resource: { type: string }[] }] }
  for (const base of ['/fhir/R4', '/t/demo/fhir/R4']) {
    for (const { type } of statement.rest[0].resource) {
      const found = JSON.parse(await ask(`${base}/${type}?_count=100`)) as { total?: number; entry?: Entry[] }
      const mapped = found.entry?.find(({ resource }) => /^(hms|qivr|healthapi|sop)-/.test(resource.id))
      if (mapped) await useOne(base, mapped.resource)
    }
    await ask(`${base}/_history?_count=100`)
    await ask(
      `${base}/$graphql?query=${encodeURIComponent('{ PatientList { id name { family } identifier { value } } }')}`,
    )
    await ask(`${base}/Patient?identifier=${ASKED}-ssn&_elements=ssn`)
    await ask(`${base}/Coverage?subscriberid=${SEALED}`)
    await ask(`${base}/Patient?_has:Coverage:beneficiary:subscriberid=${SEALED}`)
    await ask(`${base}/Coverage?subscriberid:contains=${SEALED}`)
  }
  const exported = await isthmus(['export', '--out', join(variables['ISTHMUS_DATA_DIR'] ?? '', 'exported')], variables)
  expect(exported.code).toBe(0)
  for (const args of [
    ['status', '--json'],
    ['problems', '--json'],
    ['backfill', 'hms'],
  ]) {
    const { out, err } = await isthmus(args, variables)
    answered.push(Buffer.from(out + err))
  }
}

async function useOne(base: string, resource: Entry['resource']): Promise<void> {
  const place = `${base}/${resource.resourceType}/${resource.id}`
  for (const path of ['', '/_history', '/$lineage', '/$diff']) await ask(place + path)
  await ask(place, { method: 'PUT', body: JSON.stringify(resource) })
  await ask(place, { method: 'PUT', body: JSON.stringify({ ...resource, ssn: 1, language: 7 }) })
}

/** Unpacked, as files of exports are packed. */
function contentOf(file: string): string {
  const bytes = readFileSync(file)
  return (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString('latin1')
}

test('Every column that holds a secret is said to be one.', () => {
  const columns = new Set(secrets.map(({ column }) => column))
  expect(NAMED.filter((name) => !columns.has(name))).toEqual([])
})

test('No canary is in any collection of the gateway, raw as it is stored, and each is in its source row.', async () => {
  const found: string[] = []
  const own = client.db(variables['ISTHMUS_DATABASE'])
  const names = (await own.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name)
  expect(names.length).toBeGreaterThan(25)
  let documents = 0
  for (const name of names) {
    for (const bytes of (await own.collection(name).find({}, { raw: true }).toArray()) as Document[]) {
      documents++
      const text = (bytes as Buffer).toString('latin1').replaceAll(ASKED, '')
      if (text.includes(CANARY) || text.includes(SEALED)) found.push(name)
    }
  }
  expect(documents).toBeGreaterThan(500)
  expect(found).toEqual([])
  for (const { system, collection, column } of secrets) {
    const rows = await sourceOf(system).collection(collection).find().toArray()
    expect([column, JSON.stringify(rows).includes(`${CANARY}-${system}-${collection}-${column}`)]).toEqual([
      column,
      true,
    ])
  }
})

test('No canary is in an answer, in what the gateway and its commands say, or in a file it wrote.', () => {
  expect(answered.length).toBeGreaterThan(100)
  expect(answered.filter((each) => each.includes(CANARY)).map((each) => each.subarray(0, 200).toString())).toEqual([])
  expect(said).toMatch(/isthmus ready/)
  expect(said.replaceAll(ASKED, '')).not.toContain(CANARY)
  expect(said).not.toContain(SEALED)
  const folder = variables['ISTHMUS_DATA_DIR'] ?? ''
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((each) => each.isFile())
  const written = files.filter((each) => {
    const text = contentOf(join(each.parentPath, each.name)).replaceAll(ASKED, '')
    return text.includes(CANARY)
  })
  expect(written.map(({ name }) => name)).toEqual([])
})

test('A sealed value is in clear in answers and in the export, which went to who may read it.', () => {
  expect(answered.filter((each) => each.includes(SEALED)).length).toBeGreaterThan(1)
  const folder = join(variables['ISTHMUS_DATA_DIR'] ?? '', 'exported')
  const files = readdirSync(folder).filter((name) => contentOf(join(folder, name)).includes(SEALED))
  expect(files).toEqual([expect.stringMatching(/Coverage/)])
})

test('No canary is in Redis.', async () => {
  const redis = new Redis(variables['REDIS_URL'] ?? '')
  const keys = await redis.keys('*')
  for (const key of keys) {
    const value = await redis.dump(key)
    const text = `${key} ${value ?? ''}`.replaceAll(ASKED, '')
    expect([key, text.includes(CANARY) || text.includes(SEALED)]).toEqual([key, false])
  }
  await redis.quit()
})
