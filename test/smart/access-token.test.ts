/** Access tokens at the FHIR API: how long, how kept, how brought, what of many scopes (RFC 6750, checklist LT, SC). */
import { request as httpRequest } from 'node:http'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { AccountDocument } from '../../src/store/accounts.ts'
import { resourceTypes } from '../../src/r4/elements.ts'
import { atOnce } from '../support/at-once.ts'
import { launched, startSmartServer } from '../support/smart-server.ts'
import type { SmartServer } from '../support/smart-server.ts'

let server: SmartServer
let account: AccountDocument
let client: string

beforeAll(async () => {
  server = await startSmartServer()
  await server.put({ resourceType: 'Patient', id: 'a' })
  account = await server.account()
  client = (await server.client()).client._id
})

afterAll(() => server.stop())

const bearer = (token: unknown) => ({ headers: { Authorization: `Bearer ${String(token)}` } })

test('a token is good for an hour at most (LT1), and one that is over is refused as such (LT2)', async () => {
  const { json } = await launched(server, { client, account, scope: 'user/Patient.rs' })
  expect(json['expires_in']).toBeLessThanOrEqual(3600)
  await server.store.authorization.updateMany({ _id: /^AccessToken\// }, { $set: { 'payload.exp': 1 } })
  const { status, headers } = await server.get('Patient/a', bearer(json['access_token']))
  expect([status, headers.get('www-authenticate')]).toEqual([401, 'Bearer error="invalid_token"'])
})

test('what no scope covers is refused as that, with the way out (LT2)', async () => {
  const { json } = await launched(server, { client, account, scope: 'user/Patient.rs' })
  const { status, headers } = await server.get('Observation/a', bearer(json['access_token']))
  expect([status, headers.get('www-authenticate')]).toEqual([403, 'Bearer error="insufficient_scope"'])
})

test('a token in the address counts for nothing and is not logged (LT3)', async () => {
  const { json } = await launched(server, { client, account, scope: 'user/Patient.rs' })
  const token = String(json['access_token'])
  expect((await server.get(`Patient/a?access_token=${token}`)).status).toBe(401)
  expect(server.log.join('')).not.toContain(token)
})

test('neither tokens nor codes stand in the database (LT4)', async () => {
  const { json, sent } = await launched(server, { client, account, scope: 'offline_access user/Patient.rs' })
  const stored = JSON.stringify(await server.store.authorization.find().toArray())
  for (const secret of [json['access_token'], json['refresh_token'], sent.get('code')]) {
    expect(String(secret).length).toBeGreaterThan(20)
    expect(stored).not.toContain(String(secret))
  }
})

test('a request with two Authorization headers is refused (LT5)', async () => {
  const { json } = await launched(server, { client, account, scope: 'user/Patient.rs' })
  const header = `Bearer ${String(json['access_token'])}`
  const status = await new Promise((resolve, reject) => {
    const sending = httpRequest(`${server.base}/Patient/a`, { headers: { Authorization: [header, header] } })
    sending.on('response', (response) => resolve(response.resume().statusCode)).on('error', reject)
    sending.end()
  })
  expect(status).toBe(400)
})

test('three hundred scopes make no longer token, and each of them holds (SC04, SC13)', async () => {
  const types = resourceTypes.slice(0, 100).flatMap((type) => [`user/${type}.r`, `user/${type}.s`, `user/${type}.c`])
  const scope = ['user/Patient.r', 'user/Patient.s', ...types.filter((each) => !each.includes('Patient.'))].join(' ')
  const { json } = await launched(server, { client, account, scope, posted: true })
  expect(String(json['access_token']).length).toBeLessThan(100)
  expect((await server.get('Patient?_id=a', bearer(json['access_token']))).status).toBe(200)
  expect((await server.get('Patient/a', bearer(json['access_token']))).status).toBe(200)
})

test('what an app was not registered for, what is no scope and what is a service’s is left out, not widened (SC08, SC09)', async () => {
  const { client: narrow } = await server.client({ scope: 'openid user/Patient.rs user/Observation.rs' })
  const asked =
    'user/Patient.rs user/Patient.cruds user/Foo.rs user/Observation.rs?none=1 user/Observation.r system/*.rs'
  const { json } = await launched(server, { client: narrow._id, account, scope: asked })
  expect(json['scope']).toBe('user/Patient.rs user/Observation.r')
})

test('a scope of all types is kept as one, and covers each type there is when it is asked for (SC10)', async () => {
  const { json } = await launched(server, { client, account, scope: 'user/*.r' })
  expect(json['scope']).toBe('user/*.r')
  const statuses = await atOnce(resourceTypes, async (type) => {
    return (await server.get(`${type}/none`, bearer(json['access_token']))).status
  })
  expect(new Set(statuses)).toEqual(new Set([404]))
})

test('what somebody may not do themselves, no app does for them: a search leaves out, a write is refused (SC11)', async () => {
  await server.put({ resourceType: 'Patient', id: 'b' })
  const patient = await server.account({ roles: ['patient'], person: 'Patient/b' })
  const { json } = await launched(server, { client, account: patient, scope: 'user/*.cruds' })
  const { status, json: found } = await server.get('Patient', bearer(json['access_token']))
  expect([status, found]).toMatchObject([200, { entry: [{ resource: { id: 'b' } }] }])
  expect((await server.get('Patient/a', bearer(json['access_token']))).status).toBe(404)
  const headers = { ...bearer(json['access_token']).headers, 'Content-Type': 'application/fhir+json' }
  const condition = JSON.stringify({ resourceType: 'Condition', subject: { reference: 'Patient/b' } })
  const written = await fetch(`${server.base}/Condition`, { method: 'POST', headers, body: condition })
  expect(written.status).toBe(403)
})

test('a scope of the clinic’s own making is passed on to the app that is registered for it, and to no other (SC12)', async () => {
  const own = '__prints_labels https://clinic.example/scopes/billing'
  const written = 'http://smarthealthit.org/fhir/scopes/user/Patient.r'
  const asked = `user/Patient.rs ${own} ${written}`
  const { client: registered } = await server.client({ scope: `user/*.rs ${own}` })
  const given = await launched(server, { client: registered._id, account, scope: asked })
  expect(given.json['scope']).toBe(asked)
  expect((await server.get('Observation', bearer(given.json['access_token']))).status).toBe(403)
  expect((await launched(server, { client, account, scope: asked })).json['scope']).toBe(`user/Patient.rs ${written}`)
})
