/** Services that come by themselves (checklist 1.14; SMART App Launch 2.2, Backend Services). */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { ServiceKey } from '../support/assertions.ts'
import { proof, serviceKey, serviceWish } from '../support/assertions.ts'
import { startSmartServer, token } from '../support/smart-server.ts'
import type { SmartServer } from '../support/smart-server.ts'

let server: SmartServer
let key: ServiceKey

beforeAll(async () => {
  server = await startSmartServer()
  key = await serviceKey()
  await server.put({ resourceType: 'Patient', id: 'hms-1' })
})

afterAll(() => server.stop())

async function service(scope: string): Promise<string> {
  const wish = serviceWish(key, scope)
  return (await server.client(wish)).client._id
}

async function ask(client: string, form: Readonly<Record<string, string>>) {
  const proven = await proof({ key, client, audience: `${server.origin}/oauth/token` })
  return token(server, { grant_type: 'client_credentials', ...form, ...proven })
}

test('a service is given a short token for what it was registered for, and reads with it (BS1, RF9)', async () => {
  const id = await service('system/Patient.rs system/Observation.rs')
  const { status, json } = await ask(id, { scope: 'system/Patient.rs' })
  expect([status, json]).toEqual([
    200,
    { access_token: expect.any(String), token_type: 'Bearer', expires_in: 300, scope: 'system/Patient.rs' },
  ])
  const headers = { authorization: `Bearer ${String(json['access_token'])}` }
  expect((await server.get('Patient/hms-1', { headers })).status).toBe(200)
  expect((await server.get('Observation', { headers })).status).toBe(403)
})

test.each<[string, Record<string, string>]>([
  ['no scope (BS2)', {}],
  ['a blank scope (BS2)', { scope: '' }],
  ['more than it was registered for (BS3)', { scope: 'system/Patient.rs system/Condition.rs' }],
  ['everything (BS3)', { scope: 'system/*.rs' }],
  ['other letters (BS3)', { scope: 'system/Patient.cruds' }],
  ['a patient’s scope (SC14)', { scope: 'patient/Patient.rs' }],
  ['a user’s scope (SC14)', { scope: 'user/Patient.rs' }],
  ['a scope that is none', { scope: 'system/Patient.sr' }],
  ['offline access (RF9)', { scope: 'system/Patient.rs offline_access' }],
])('who asks for %s is given nothing', async (_, form) => {
  const { status, json } = await ask(await service('system/Patient.rs'), form)
  expect([status, json['error']]).toEqual([400, 'invalid_scope'])
})

test('a grant that there is not is refused (BS4)', async () => {
  const id = await service('system/Patient.rs')
  for (const grant_type of ['password', 'urn:ietf:params:oauth:grant-type:device_code', 'implicit']) {
    const { status, json } = await ask(id, { grant_type, scope: 'system/Patient.rs' })
    expect([status, json['error']]).toEqual([400, 'unsupported_grant_type'])
  }
})

test('a client that is for users only is no service (BS5)', async () => {
  const wish = { kind: 'asymmetric', scope: 'user/*.rs', jwks: { keys: [key.publicJwk] } } as const
  const { client } = await server.client(wish)
  const { status, json } = await ask(client._id, { scope: 'user/*.rs' })
  expect([status, json['error']]).toEqual([400, 'unauthorized_client'])
})

test('a service that was registered for some Observations gets those, and not all (BS6)', async () => {
  const laboratory =
    'system/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory'
  const id = await service(laboratory)
  expect(await ask(id, { scope: laboratory })).toMatchObject({ status: 200, json: { scope: laboratory } })
  const { status, json } = await ask(id, { scope: 'system/Observation.rs' })
  expect([status, json['error']]).toEqual([400, 'invalid_scope'])
})
