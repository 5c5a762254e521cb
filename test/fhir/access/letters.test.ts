/** Each letter of `cruds` by itself opens exactly its interactions (SMART 2.2, scopes-and-launch-context; checklist SC03, X19). */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { operations } from '../../../src/fhir/operations/index.ts'
import { bearer, callersOf } from '../../support/callers.ts'
import { type FhirServer, startFhirServer } from '../../support/fhir-server.ts'

let server: FhirServer
beforeAll(async () => {
  server = await startFhirServer({ callerOf: callersOf({}) })
})
afterAll(() => server.stop())

const about = { status: 'final', code: { text: 'x' }, subject: { reference: 'Patient/p' } }
const observation = { resourceType: 'Observation', ...about }
const patchBody = [{ op: 'replace', path: '/status', value: 'amended' }]

interface Asked {
  readonly method: string
  readonly path: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly letters: string
}

const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' }

/** By the letters that are needed: all of them. */
const interactions: readonly Asked[] = [
  { letters: 'c', method: 'POST', path: 'Observation', body: observation },
  { letters: 'r', method: 'GET', path: 'Observation/o' },
  { letters: 'r', method: 'HEAD', path: 'Observation/o' },
  { letters: 'r', method: 'GET', path: 'Observation/o/_history/1' },
  { letters: 'r', method: 'GET', path: 'Observation/o/_history' },
  { letters: 'u', method: 'PUT', path: 'Observation/o', body: { ...observation, id: 'o' } },
  { letters: 'u', method: 'PATCH', path: 'Observation/o', body: patchBody },
  { letters: 'd', method: 'DELETE', path: 'Observation/gone' },
  { letters: 's', method: 'GET', path: 'Observation?status=final' },
  { letters: 's', method: 'GET', path: 'Observation?_summary=count' },
  { letters: 's', method: 'POST', path: 'Observation/_search', body: 'status=final', headers: FORM },
  { letters: 's', method: 'GET', path: 'Observation/_history' },
  { letters: 's', method: 'GET', path: '_history' },
  { letters: 's', method: 'GET', path: '?_type=Observation' },
  { letters: 's', method: 'GET', path: '?_count=1' },
  { letters: 's', method: 'POST', path: '_search', body: '_count=1', headers: FORM },
  { letters: 's', method: 'GET', path: 'Patient/p/Observation' },
  { letters: 's', method: 'GET', path: 'Patient/p/*' },
  { letters: 's', method: 'GET', path: 'Observation/$lastn?code=x' },
  { letters: 'r', method: 'GET', path: 'Observation/o/$lineage' },
  { letters: 'r', method: 'GET', path: 'Observation/o/$meta' },
  { letters: 's', method: 'GET', path: 'Observation/$meta' },
  { letters: 'u', method: 'POST', path: 'Observation/o/$meta-add', body: metaParameters() },
  // What depends on a search needs to be allowed to search
  {
    letters: 'cs',
    method: 'POST',
    path: 'Observation',
    body: observation,
    headers: { 'If-None-Exist': '_id=o' },
  },
  { letters: 'us', method: 'PUT', path: 'Observation?_id=o', body: { ...observation, id: 'o' } },
  { letters: 'us', method: 'PATCH', path: 'Observation?_id=o', body: patchBody },
  { letters: 'ds', method: 'DELETE', path: 'Observation?_id=none' },
]

function metaParameters(): object {
  const valueMeta = { tag: [{ system: 'https://x', code: 'y' }] }
  return { resourceType: 'Parameters', parameter: [{ name: 'meta', valueMeta }] }
}

async function ask(scope: string, { method, path, body, headers = {} }: Asked) {
  return server.send(method, path, body, { ...headers, ...bearer(scope).headers })
}

beforeAll(async () => {
  await server.put({ resourceType: 'Patient', id: 'p' })
  await server.put({ ...observation, id: 'o' })
})

for (const letter of ['c', 'r', 'u', 'd', 's']) {
  test(`"${letter}" alone opens what needs it, and nothing else`, async () => {
    for (const asked of interactions) {
      await server.put({ ...observation, id: 'gone' })
      const { status, headers, json } = await ask(`system/Observation.${letter}`, asked)
      const name = `${letter}: ${asked.method} ${asked.path} ${status}`
      if (asked.letters === letter) expect(`${name} ${status < 300}`).toBe(`${name} true`)
      else {
        expect(`${name} ${status}`).toBe(`${name} 403`)
        expect(headers.get('www-authenticate')).toBe('Bearer error="insufficient_scope"')
        if (asked.method !== 'HEAD') expect(json.issue?.[0]?.code).toBe('forbidden')
      }
    }
  })
}

test('conditional writes need their own letter and that of a search', async () => {
  for (const asked of interactions.filter(({ letters }) => letters.length === 2)) {
    const { status } = await ask(`system/Observation.${asked.letters}`, asked)
    expect(status).toBeLessThan(300)
  }
})

test('a scope for another type opens nothing of this one, and one for all types opens all', async () => {
  for (const asked of interactions) {
    const other = asked.path.startsWith('_') || asked.path.startsWith('?_count') || asked.path.endsWith('*')
    if (!other) expect((await ask('system/Condition.cruds', asked)).status).toBe(403)
    expect((await ask('system/*.cruds', asked)).status).toBeLessThan(300)
    expect((await ask('system/Foo.cruds', asked)).status).toBe(403)
  }
})

test('v1 scopes mean what they say: read is r and s, write is c, u and d', async () => {
  for (const asked of interactions.filter(({ letters }) => letters.length === 1)) {
    const isRead = 'rs'.includes(asked.letters)
    await server.put({ ...observation, id: 'gone' })
    expect((await ask('system/Observation.read', asked)).status).toBe(isRead ? 200 : 403)
    await server.put({ ...observation, id: 'gone' })
    const written = await ask('system/Observation.write', asked)
    expect(written.status === 403).toBe(isRead)
  }
})

test('what is there is open to everybody who may know of the server: metadata, and a Bundle without entries', async () => {
  expect((await server.get('metadata', bearer('nobody'))).status).toBe(200)
  const empty = { resourceType: 'Bundle', type: 'batch' }
  expect((await server.send('POST', '', empty, bearer('nobody').headers)).status).toBe(200)
})

test('every entry of a batch is decided by itself; a transaction with one that is forbidden writes nothing', async () => {
  const entry = [
    { request: { method: 'GET', url: 'Observation/o' } },
    { request: { method: 'GET', url: 'Patient/p' } },
    { request: { method: 'POST', url: 'Observation' }, resource: { ...observation, id: undefined } },
    { request: { method: 'DELETE', url: 'Observation/o' } },
  ]
  const headers = bearer('system/Observation.cr').headers
  const batch = await server.send('POST', '', { resourceType: 'Bundle', type: 'batch', entry }, headers)
  expect(batch.json.entry?.map(({ response }) => response?.status)).toEqual(['200', '403', '201', '403'])
  const before = await server.store.versions.countDocuments()
  const bundle = { resourceType: 'Bundle', type: 'transaction', entry: entry.slice(2) }
  expect((await server.send('POST', '', bundle, headers)).status).toBe(403)
  expect(await server.store.versions.countDocuments()).toBe(before)
})

test('no operation answers who has no scope for anything, but those of terminology, which tell of no record', async () => {
  const open = ['expand', 'lookup', 'subsumes', 'translate', 'validate', 'validate-code', 'diff', 'graphql']
  for (const { code, levels, resources = ['Observation'], affectsState } of operations) {
    for (const level of levels) {
      const place = { system: '', type: `${resources[0]}/`, instance: `${resources[0]}/o/` }[level]
      const method = affectsState ? 'POST' : 'GET'
      const { status } = await server.get(`${place}$${code}`, { method, ...bearer('nobody') })
      const isOpen = open.includes(code) && level !== 'instance'
      expect(`${place}$${code} ${status === 403}`).toBe(`${place}$${code} ${!isOpen}`)
    }
  }
})

test('a Permit of one tenant is none of another', async () => {
  await server.store.tenants.insertOne({ _id: 'other', instance: 'x', key: '1', name: 'Other' })
  await server.put({ ...observation, id: 'o' }, { tenant: 'other' })
  const { status } = await server.get('/t/other/fhir/R4/Observation/o', bearer('system/*.cruds'))
  expect(status).toBe(401)
})

test('what an operation stores needs a scope to create it', async () => {
  const composition = { resourceType: 'Composition', id: 'c', status: 'final', type: { text: 'x' }, date: '2026-01-01' }
  await server.put({ ...composition, title: 'x', author: [{ display: 'x' }], subject: { reference: 'Patient/p' } })
  const store = (scope: string, path: string) =>
    server.get(`Composition/${path}persist=true`, { method: 'POST', ...bearer(scope) })
  expect((await store('system/Composition.s', '$document?id=c&')).status).toBe(403)
  expect((await store('system/Composition.r', 'c/$document?')).status).toBe(403)
  expect(await server.store.resources.countDocuments({ tt: 'default/Bundle' })).toBe(0)
  expect((await store('system/Composition.s system/Bundle.c', '$document?id=c&')).status).toBe(200)
  expect((await store('system/Composition.r system/Bundle.c', 'c/$document?')).status).toBe(200)
})
