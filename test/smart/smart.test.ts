import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { launched, REDIRECT, startSmartServer, token } from '../support/smart-server.ts'
import type { SmartServer } from '../support/smart-server.ts'

let server: SmartServer

beforeAll(async () => {
  server = await startSmartServer()
  await server.put({ resourceType: 'Patient', id: 'hms-1', name: [{ family: 'Haddad' }] })
  await server.put({ resourceType: 'Practitioner', id: 'hms-9', name: [{ family: 'Nasser' }] })
})

afterAll(() => server.stop())

test('an app signs a practitioner in, is given a code for what was agreed to, and reads with the token', async () => {
  const { client } = await server.client()
  const account = await server.account({ person: 'Practitioner/hms-9' })
  const scope = 'openid fhirUser offline_access user/Patient.rs user/Practitioner.rs'
  const { status, json, sent } = await launched(server, { client: client._id, account, scope })
  expect(Object.fromEntries(sent)).toMatchObject({ state: 'af0ifjsldkj', iss: server.origin })
  expect([status, json]).toEqual([
    200,
    {
      ...{ access_token: expect.any(String), refresh_token: expect.any(String), id_token: expect.any(String) },
      ...{ token_type: 'Bearer', expires_in: 3600, scope },
    },
  ])
  const authorization = { Authorization: `Bearer ${json['access_token'] as string}` }
  const patient = await server.get('Patient/hms-1', { headers: authorization })
  expect([patient.status, patient.json]).toMatchObject([200, { id: 'hms-1' }])
  expect((await server.get('Patient/hms-1')).status).toBe(401)

  const form = { grant_type: 'refresh_token', refresh_token: json['refresh_token'] as string, client_id: client._id }
  expect(await token(server, form)).toMatchObject({ status: 200, json: { scope } })
  expect(await token(server, form)).toMatchObject({ status: 400, json: { error: 'invalid_grant' } })
})

test('a code is good for the one who asked for it', async () => {
  const { client } = await server.client({ redirectUris: [REDIRECT, 'https://app.example/other'] })
  const account = await server.account()
  const { json } = await launched(server, { client: client._id, account, scope: 'user/*.rs' })
  expect(json).toMatchObject({ scope: 'user/*.rs' })
  expect(json).not.toHaveProperty('refresh_token')
})
