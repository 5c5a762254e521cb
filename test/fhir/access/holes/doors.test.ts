/**
 * Holes that were found in real servers, none of them here (records.test.ts has the others): those of ways in and out, by
 * routes, scopes, addresses, credentials, values and words.
 */
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { permitOf } from '../../../../src/access/permit.ts'
import { readScope } from '../../../../src/access/scope.ts'
import { originStorage } from '../../../../src/files/storages/origin.ts'
import type { Interaction } from '../../../../src/fhir/access.ts'
import { operations } from '../../../../src/fhir/operations/index.ts'
import type { Operation } from '../../../../src/fhir/operations/operation.ts'
import { ASYNC } from '../../../support/bulk-server.ts'
import { bearer, callersOf } from '../../../support/callers.ts'
import { type FhirServer, startFhirServer } from '../../../support/fhir-server.ts'
import { authorize, authorizeUrl, newPkce, REDIRECT, startSmartServer, token } from '../../../support/smart-server.ts'
import type { SmartServer } from '../../../support/smart-server.ts'
import { observation } from '../../../support/two-patients.ts'
import { askingOf, laboratory, records, tokens } from './asking.ts'

const CANARY = 'Zyxwvucanary'

let server: FhirServer
let smart: SmartServer
const { get, send } = askingOf(() => server)

beforeAll(async () => {
  server = await startFhirServer({ callerOf: callersOf(tokens) })
  smart = await startSmartServer()
  for (const sample of records) await server.put(sample)
}, 60_000)
afterAll(async () => {
  await server.stop()
  await smart.stop()
})

test('X13 who may not make a Subscription makes none, and no websocket opens by a token alone', async () => {
  const subscription = {
    ...{ resourceType: 'Subscription', status: 'requested', reason: 'x', criteria: 'Observation?patient=p2' },
    channel: { type: 'rest-hook', endpoint: 'http://127.0.0.1:1/' },
  }
  expect((await send('POST', 'Subscription', subscription)).status).toBe(403)
  expect((await get('Subscription')).json.total).toBe(0)
  const upgrade = { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Key': 'eA==' }
  expect((await rawStatus('/fhir/R4/Observation', { ...upgrade, ...bearer('none').headers })) >= 400).toBe(true)
})

test('X14 a scope that is not understood is none, never a wider one', () => {
  const wrong = [
    '?subject.name=x',
    '?_has:Group:member:_id=1',
    '?_filter=x',
    '?category:in=x',
    '?none=1',
    '?date=gt2020',
    '?category=',
    '?',
  ]
  for (const query of wrong) {
    expect([query, readScope(`patient/Observation.rs${query}`)]).toEqual([query, undefined])
    const { rules } = permitOf({ tenant: 'default', client: 'c', scope: `system/Observation.rs${query}` })
    expect(rules).toEqual([])
  }
})

test('X19 no route and no operation answers who has no scope', async () => {
  const paths = [
    '',
    '?_type=Patient',
    'Observation',
    'Observation/o1',
    'Observation/o1/_history',
    'Observation/o1/_history/1',
  ]
  const more = ['Observation/_history', '_history', 'Patient/p1/*', 'Patient/p1/Observation', 'Binary/b1']
  for (const path of [...paths, ...more]) expect([path, (await get(path, 'none')).status]).toEqual([path, 403])
  const writes = [
    ['POST', 'Observation'],
    ['PUT', 'Observation/o1'],
    ['PATCH', 'Observation/o1'],
    ['DELETE', 'Observation/o1'],
  ]
  for (const [method = '', path = ''] of [...writes, ['PUT', 'Observation?_id=o1'], ['DELETE', 'Observation?_id=o1']]) {
    expect([method, path, (await send(method, path, method === 'DELETE' ? undefined : {}, 'none')).status]).toEqual([
      method,
      path,
      403,
    ])
  }
  for (const { code, levels, access, resources = ['Observation'], affectsState } of operations) {
    for (const level of levels) {
      if (access === 'parts' && level !== 'instance') continue
      const path = { system: '', type: `${resources[0]}/`, instance: `${resources[0]}/p1/` }[level]
      const { status } = await send(
        affectsState ? 'POST' : 'GET',
        `${path}$${code}`,
        affectsState ? {} : undefined,
        'none',
      )
      expect([path, code, status]).toEqual([path, code, 403])
    }
  }
})

test('X19 an interaction or operation that does not say what it needs does not compile', () => {
  const handle = () => Promise.reject(new Error('never asked'))
  // @ts-expect-error what it needs of the Permit is missing
  const interaction: Interaction = { handle }
  // @ts-expect-error its access is missing
  const operation: Operation = { code: 'x', definition: 'x', levels: ['system'], inputs: [], handle }
  // The compiler decides (npm run check): this file is wrong where one of both is right
  expect([interaction, operation]).toHaveLength(2)
})

test('X20 nothing fetches an address that a caller names', async () => {
  const asked: string[] = []
  const bait = createServer((request, response) => {
    asked.push(request.url ?? '')
    response.end('{}')
  }).listen(0, '127.0.0.1')
  await once(bait, 'listening')
  const { port } = bait.address() as { port: number }
  const url = `http://127.0.0.1:${port}/x`
  const manifest = { inputFormat: 'application/fhir+ndjson', inputSource: url, input: [{ type: 'Patient', url }] }
  const tries = await Promise.all([
    send('POST', '$import', manifest, 'system/*.cruds', { ...ASYNC, 'Content-Type': 'application/json' }),
    send('POST', 'Observation/$validate?profile=' + url, laboratory, 'system/*.cruds'),
    get(`ValueSet/$expand?url=${url}`, 'system/*.cruds'),
    get(`Observation?subject=${url}&_include=*`, 'system/*.cruds'),
    send(
      'POST',
      'Binary',
      { resourceType: 'Binary', contentType: 'text/plain', securityContext: { reference: url } },
      'system/*.cruds',
    ),
    send(
      'POST',
      'DocumentReference',
      { resourceType: 'DocumentReference', status: 'current', content: [{ attachment: { url } }] },
      'system/*.cruds',
    ),
  ])
  expect(tries.every(({ status }) => status < 500)).toBe(true)
  bait.close()
  expect(asked).toEqual([])
})

test('X26 a credential goes to no address that only begins like the one it is for', () => {
  const storage = originStorage({ origin: 'https://files.example', authorization: 'Bearer secret' })
  expect(storage.locate('https://files.example/a')).toBe('https://files.example/a')
  const alike = [
    'https://files.example.evil/a',
    'https://files.example@evil/a',
    'https://files.examples/a',
    'http://files.example/a',
    'https://files.example:444/a',
    '//files.example/a',
  ]
  for (const link of alike) expect([link, storage.locate(link)]).toEqual([link, undefined])
})

test('X27 nobody is sent to an address that was not registered, letter for letter', async () => {
  const { client } = await smart.client()
  const wrong = [
    `${REDIRECT}/`,
    `${REDIRECT}?x`,
    `${REDIRECT}#x`,
    REDIRECT.replace('app.', 'app.example.'),
    'javascript:alert(1)',
    REDIRECT.toUpperCase(),
  ]
  for (const redirect_uri of wrong) {
    const url = authorizeUrl(smart, { client: client._id, scope: 'openid', parameters: { redirect_uri } }, newPkce())
    const { status, headers } = await fetch(url, { redirect: 'manual' })
    expect([redirect_uri, status, headers.get('location')]).toEqual([redirect_uri, 400, null])
  }
  const { json } = await smart.get('/.well-known/openid-configuration')
  expect((json as unknown as Record<string, unknown>)['response_modes_supported']).not.toContain('form_post.jwt')
})

test('X28 a code that is brought many times at once gives one token at most', async () => {
  const { client } = await smart.client()
  const { sent, pkce } = await authorize(smart, { client: client._id, account: await smart.account(), scope: 'openid' })
  const form = {
    grant_type: 'authorization_code',
    code: sent.get('code') ?? '',
    redirect_uri: REDIRECT,
    client_id: client._id,
    code_verifier: pkce.verifier,
  }
  const answers = await Promise.all(Array.from({ length: 8 }, () => token(smart, form)))
  expect(answers.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1)
})

test('X29 no operator of the database comes in by a value, a name or a body', async () => {
  const paths = [
    'Patient?identifier[$ne]=',
    'Patient?_id[$ne]=x',
    'Patient?_id={"$gt":""}',
    'Patient/%7B%22$ne%22:null%7D',
    'Patient?$where=1',
    'Patient?__proto__=1',
  ]
  for (const path of paths) {
    const { status, json } = await get(path, 'patientOnly')
    expect([path, status >= 400 || json.total === 0]).toEqual([path, true])
    expect(status).toBeLessThan(500)
  }
  const body = {
    resourceType: 'Observation',
    status: 'final',
    code: { text: 'x' },
    subject: { reference: { $ne: '' } },
  }
  expect((await send('POST', 'Observation', body)).status).toBe(400)
  const stored = await send('POST', 'Observation', {
    ...observation('x', 'p1'),
    id: undefined,
    note: [{ text: '{"$where":"1"}' }],
  })
  expect([stored.status, stored.text]).toEqual([201, expect.stringContaining('$where')])
  await send('DELETE', stored.headers.get('location')?.replace(/.*R4\/|\/_history.*/g, '') ?? '')
})

test('X30 neither errors, nor addresses, nor the log tell of people', async () => {
  await server.put({ resourceType: 'Patient', id: 'canary', name: [{ family: CANARY }], birthDate: '1901-02-03' })
  const asks = [
    get(`Patient?name=${CANARY}`),
    get(`Patient?name=${CANARY}&nonsense=${CANARY}`),
    get(`Observation?subject:Patient.name=${CANARY}`),
    get('Patient/canary'),
    get(`Patient/${CANARY}`),
    get('Patient/canary', 'backend'),
    get(`$graphql?query={Patient(id:"${CANARY}")`),
    send('POST', 'Patient', { resourceType: 'Patient', name: CANARY }),
    send('PUT', 'Patient/canary', { resourceType: 'Patient', id: 'canary', name: [{ family: CANARY }] }),
  ]
  const answers = await Promise.all(asks)
  for (const { status, text, headers } of answers) {
    const told = JSON.stringify([...headers]) + (status >= 400 && status !== 400 ? text : '')
    expect([status, told.includes(CANARY)]).toEqual([status, false])
  }
  expect(answers.some(({ text }) => text.includes(CANARY))).toBe(true)
  expect(server.log.join('')).not.toContain(CANARY)
  expect(server.log.length).toBeGreaterThan(30)
  const { json } = await get('metadata', 'none')
  expect(JSON.stringify(json)).not.toContain('canary')
})

test('also: HEAD, OPTIONS and headers that name another method or tenant tell and do nothing more', async () => {
  const head = (name: string) => server.get(name, { method: 'HEAD', ...bearer('all') })
  expect([(await head('Observation/o2')).status, (await head('Observation/never')).status]).toEqual([404, 404])
  for (const name of ['X-HTTP-Method-Override', 'X-Method-Override', 'X-HTTP-Method']) {
    expect(
      (
        await send('POST', 'Observation/_search', '_id=o1', 'write', {
          [name]: 'DELETE',
          'Content-Type': 'application/x-www-form-urlencoded',
        })
      ).status,
    ).toBe(200)
    expect((await get('Observation/o1', 'all', { [name]: 'DELETE' })).status).toBe(200)
  }
  expect((await get('Observation/o2', 'all', { 'X-Tenant': 'elsewhere', 'X-Tenant-Id': 'default' })).status).toBe(404)
  expect((await get('Observation/o1', 'abroad')).status).toBe(401)
  const { status, text } = await server.get('Observation/o2', { method: 'OPTIONS', ...bearer('all') })
  expect([status, text.includes('o2')]).toEqual([
    (await server.get('Observation/never', { method: 'OPTIONS', ...bearer('all') })).status,
    false,
  ])
})

/** `fetch` sends no headers of its own connection. */
function rawStatus(path: string, headers: Readonly<Record<string, string>>): Promise<number> {
  return new Promise((resolve, reject) => {
    const sending = request(server.origin + path, { headers })
    sending.on('response', (response) => resolve(response.resume().statusCode ?? 0)).on('error', reject)
    sending.on('upgrade', (_response, socket) => resolve(socket.destroy() && 101))
    sending.end()
  })
}
