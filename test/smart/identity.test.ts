/** Who signed in, as the app is told: id_token and fhirUser (SMART App Launch 2.2 §Scopes for requesting identity data). */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import type { AccountDocument } from '../../src/store/accounts.ts'
import { launched, startSmartServer } from '../support/smart-server.ts'
import type { SmartServer } from '../support/smart-server.ts'

let server: SmartServer
let client: string
let doctor: AccountDocument

beforeAll(async () => {
  server = await startSmartServer()
  await server.put({ resourceType: 'Practitioner', id: 'dr', name: [{ family: 'Nasser' }] })
  await server.put({ resourceType: 'Practitioner', id: 'other', name: [{ family: 'Saleh' }] })
  client = (await server.client()).client._id
  doctor = await server.account({ person: 'Practitioner/dr', name: 'Dr. Nasser' })
})

afterAll(() => server.stop())

const tokens = async (scope: string, nonce?: string) =>
  (await launched(server, { client, account: doctor, scope, parameters: { nonce } })).json

test('the id_token is signed by a published key and says who, for which app, and the nonce of the request (ID1)', async () => {
  const { id_token: idToken } = await tokens('openid fhirUser user/Observation.rs', 'n-0S6_WzA2Mj')
  const keys = createRemoteJWKSet(new URL(`${server.origin}/oauth/jwks`))
  const { payload, protectedHeader } = await jwtVerify(String(idToken), keys, {
    ...{ issuer: server.origin, audience: client, algorithms: ['RS256'] },
  })
  expect(protectedHeader).toMatchObject({ alg: 'RS256', kid: expect.any(String) })
  expect(payload).toMatchObject({ sub: doctor._id, nonce: 'n-0S6_WzA2Mj', exp: expect.any(Number) })
  expect(payload['fhirUser']).toBe(`${server.base}/Practitioner/dr`)
  expect(payload).not.toHaveProperty('email')
})

test('an app that knows who signed in may read that resource, and no other for it (ID2)', async () => {
  const { access_token: token } = await tokens('openid fhirUser user/Observation.rs')
  const headers = { Authorization: `Bearer ${String(token)}` }
  expect(await server.get('Practitioner/dr', { headers })).toMatchObject({ status: 200, json: { id: 'dr' } })
  expect((await server.get('Practitioner/other', { headers })).status).toBe(403)
  expect((await server.get('Practitioner', { headers })).status).toBe(403)
})

test('fhirUser that was not granted is not told (ID3), and without openid there is no id_token (ID4)', async () => {
  const { id_token: idToken } = await tokens('openid user/Observation.rs')
  const [, payload = ''] = String(idToken).split('.')
  expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).not.toHaveProperty('fhirUser')
  expect(await tokens('user/Observation.rs')).not.toHaveProperty('id_token')
})
