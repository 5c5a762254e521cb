import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { mkdirSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Running, Variables } from './cli/gateway.ts'
import { dropOwn, isthmus, ownVariables, run, stop } from './cli/gateway.ts'
import { connect } from '../src/store/connection.ts'

let variables: Variables
let gateway: Running
let url: string

beforeAll(async () => {
  variables = ownVariables()
  gateway = run('main.ts', [], { ...variables, ISTHMUS_DEMO: 'true' })
  const [, address] = await gateway.line(/^isthmus ready (http:\/\/127\.0\.0\.1:\d+)$/m)
  url = address ?? ''
}, 60_000)

afterAll(async () => {
  await stop(gateway)
  const client = await connect(variables['MONGODB_URI'] ?? '')
  await dropOwn(client, variables)
  await client.close()
})

async function get(path: string): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(`${url}${path}`)
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

test('the demo content of every system is there when the gateway says it is ready', async () => {
  for (const path of ['/fhir/R4/Patient', '/fhir/R4/ServiceRequest', '/t/demo/fhir/R4/Observation']) {
    const { status, body } = await get(path)
    expect([path, status, body['resourceType']]).toEqual([path, 200, 'Bundle'])
  }
  expect((await get('/t/nowhere/fhir/R4/Patient')).status).toBe(404)
  expect((await get('/health/ready')).body).toMatchObject({ ready: true, mongodb: true, redis: true })
})

test('a row that somebody writes shows over HTTP within moments', async () => {
  const client = await connect(variables['MONGODB_URI'] ?? '')
  const patients = client.db(variables['HMS_DATABASE']).collection('patients')
  const row = await patients.findOne({ deletedAt: null })
  await patients.updateOne({ id: row?.['id'] as string }, { $set: { occupation: 'Beekeeper' } })
  await client.close()
  const id = String(row?.['id'])
  for (let tries = 0; !JSON.stringify((await get(`/fhir/R4/Patient/hms-${id}`)).body).includes('Beekeeper'); tries++) {
    if (tries === 100) throw new Error('the change does not show')
    await sleep(20)
  }
})

test('status tells programs and people', async () => {
  const { code, out } = await isthmus(['status', '--json'], variables)
  expect(code).toBe(0)
  expect(JSON.parse(out)).toMatchObject({
    ready: true,
    mongodbUri: variables['MONGODB_URI'],
    redisUrl: variables['REDIS_URL'],
    // An appointment of the demo was over long before anybody could be reminded of it
    systems: { hms: { problems: 0, late: 1 }, sop: { problems: 0 } },
  })
  expect((await isthmus(['status'], variables)).out).toMatch(/^ready\n/)
})

test('load puts files into the source, and the second time changes nothing', async () => {
  const folder = join(variables['ISTHMUS_DATA_DIR'] ?? '', 'rows')
  mkdirSync(folder)
  writeFileSync(join(folder, 'Doctor.json'), JSON.stringify([{ id: 990001, first_name: 'Load', last_name: 'Ed' }]))
  const first = await isthmus(['load', 'healthapi', folder, '--json'], variables)
  expect(JSON.parse(first.out)).toEqual({ Doctor: { inserted: 1, replaced: 0, unchanged: 0 } })
  const second = await isthmus(['load', 'healthapi', folder, '--json'], variables)
  expect(JSON.parse(second.out)).toEqual({ Doctor: { inserted: 0, replaced: 0, unchanged: 1 } })
})

test('backfill asks the running worker, and a dry run only tells', async () => {
  const dry = await isthmus(['backfill', 'hms', '--dry-run', '--json'], variables)
  const [counts] = Object.values(JSON.parse(dry.out) as Record<string, { counts: { create: number } }>)
  expect(counts?.counts.create).toBe(0)
  const { code, out } = await isthmus(['backfill', 'hms'], variables)
  expect([code, out]).toEqual([0, expect.stringMatching(/^\d+ rows projected\n$/)])
})

test('a port that is in use is one sentence and exit 1', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const { code, err } = await run('main.ts', [], { ...variables, PORT: String(port) }).ended
  server.close()
  expect(code).toBe(1)
  expect(err).toMatch(new RegExp(`^Port ${port} is in use: [^\\n]+\\n$`))
})

test('an unknown flag, a bad URI and a bad mapping are one sentence each', async () => {
  const flag = await isthmus(['status', '--bogus'], variables)
  expect([flag.code, flag.err]).toEqual([1, expect.stringContaining("unknown option '--bogus'")])
  const start = await run('main.ts', ['--bogus'], variables).ended
  expect([start.code, start.err]).toEqual([1, expect.stringMatching(/^"--bogus" is no part of the start, [^\n]+\n$/)])
  const uri = await run('main.ts', [], { ...variables, MONGODB_URI: 'postgres://here' }).ended
  expect([uri.code, uri.err]).toEqual([1, expect.stringMatching(/^MONGODB_URI .+\n$/)])
  const folder = join(variables['ISTHMUS_DATA_DIR'] ?? '', 'mappings')
  mkdirSync(join(folder, 'bad'), { recursive: true })
  for (const name of ['system', 'columns', 'codes']) writeFileSync(join(folder, 'bad', `${name}.yaml`), 'a: [1\n')
  const yaml = await run('main.ts', [], { ...variables, ISTHMUS_MAPPINGS: folder, ISTHMUS_SOURCES: '[]' }).ended
  expect([yaml.code, yaml.err]).toEqual([1, expect.stringMatching(/bad\/system\.yaml:\d+: /)])
})

test('SIGTERM ends it with 0', async () => {
  gateway.child.kill('SIGTERM')
  expect((await gateway.ended).code).toBe(0)
})
