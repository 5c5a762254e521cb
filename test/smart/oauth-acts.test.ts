/** What the authorization server gives out and takes back is in the audit before its answer (IHE IUA, ITI-71). */
import { hash } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { auditEventOf } from '../../src/audit/event.ts'
import type { AccountDocument } from '../../src/store/accounts.ts'
import type { AuditDocument } from '../../src/store/audit-documents.ts'
import type { ServiceKey } from '../support/assertions.ts'
import { proof, serviceKey, serviceWish } from '../support/assertions.ts'
import { launched, startSmartServer, token } from '../support/smart-server.ts'
import type { SmartServer } from '../support/smart-server.ts'

const KINDS = ['token', 'refresh', 'revocation', 'launch', 'consent', 'login']
const scope = 'openid offline_access launch/patient patient/Patient.rs'

let server: SmartServer
let doctor: AccountDocument
let app: string
let key: ServiceKey

beforeAll(async () => {
  server = await startSmartServer()
  key = await serviceKey()
  await server.put({ resourceType: 'Patient', id: 'p1', name: [{ family: 'Haddad' }] })
  await server.put({ resourceType: 'Practitioner', id: 'd1' })
  doctor = await server.account({ person: 'Practitioner/d1' })
  app = (await server.client()).client._id
})
afterAll(() => server.stop())

/** Of acts, in their order; and that none of these texts is in any. */
async function during(work: () => Promise<readonly unknown[]>): Promise<AuditDocument[]> {
  await server.store.audit.deleteMany({})
  const secrets = await work()
  const events = await server.store.audit
    .find({ kind: { $in: KINDS } })
    .sort({ _id: 1 })
    .toArray()
  const all = JSON.stringify(await server.store.audit.find().toArray())
  for (const secret of secrets) expect([secret, all.includes(String(secret))]).toEqual([expect.any(String), false])
  return events
}

const hashOf = (text: unknown): string => hash('sha256', String(text), 'base64url')

test('A token that is issued, refreshed and given back: each with app, account, scopes and the patient of the launch.', async () => {
  let tokens: unknown[] = []
  const events = await during(async () => {
    const { json: first, sent } = await launched(server, {
      client: app,
      account: doctor,
      scope,
      pick: { patient: 'p1' },
    })
    const form = { grant_type: 'refresh_token', refresh_token: String(first['refresh_token']), client_id: app }
    const { json: next } = await token(server, form)
    const body = new URLSearchParams({ token: String(next['refresh_token']), client_id: app })
    expect((await fetch(`${server.origin}/oauth/revoke`, { method: 'POST', body })).status).toBe(200)
    tokens = [first['access_token'], next['access_token']]
    return [...tokens, first['refresh_token'], next['refresh_token'], sent.get('code')]
  })
  const who = { client: app, account: doctor._id, person: 'Practitioner/d1', address: '127.0.0.1' }
  const what = [{ p: ['p1'], n: ['Patient/p1'] }]
  expect(events).toMatchObject([
    { kind: 'login', status: 200 },
    { kind: 'consent' },
    { kind: 'token', action: 'E', status: 200, who: { ...who, token: hashOf(tokens[0]) }, what },
    { kind: 'refresh', action: 'E', status: 200, who: { ...who, token: hashOf(tokens[1]) }, what },
    { kind: 'revocation', action: 'D', status: 200, who: { client: app, account: doctor._id } },
  ])
  expect(events[2]?.query).toBe(`grant_type=authorization_code scope=${scope}`)
  const [, , issued, refreshed] = events.map((event) => auditEventOf(event, { mayKnow: () => true }))
  for (const [event, code] of [
    [issued, 'token'],
    [refreshed, 'refresh'],
  ] as const) {
    expect(event).toMatchObject({
      type: { system: 'http://dicom.nema.org/resources/ontology/DCM', code: '110114' },
      subtype: [{ system: 'urn:ihe:event-type-code', code: 'ITI-71' }, { code }],
      ...{ action: 'E', outcome: '0' },
    })
  }
})

test('A service’s token is on record for the service, with its scopes.', async () => {
  const wish = serviceWish(key, 'system/Patient.rs')
  const service = (await server.client(wish)).client._id
  const events = await during(async () => {
    const proven = await proof({ key, client: service, audience: `${server.origin}/oauth/token` })
    const { json } = await token(server, { grant_type: 'client_credentials', scope: 'system/Patient.rs', ...proven })
    return [json['access_token'], Object.values(proven).find((each) => each.includes('.')) ?? '']
  })
  expect(events).toMatchObject([{ kind: 'token', status: 200, who: { client: service, token: expect.any(String) } }])
  expect(events[0]?.query).toBe('grant_type=client_credentials scope=system/Patient.rs')
})

test('What is refused is on record as refused, of an app that is known and of a stranger, without what they sent.', async () => {
  const events = await during(async () => {
    const form = { grant_type: 'refresh_token', refresh_token: 'not-a-good-one', client_id: app }
    expect((await token(server, form)).status).toBe(400)
    const stranger = await token(server, { grant_type: 'pass-word-of-mine', client_id: 'nobody-knows' })
    expect(stranger.status).toBe(401)
    return ['not-a-good-one', 'pass-word-of-mine', 'nobody-knows']
  })
  expect(events).toMatchObject([
    { kind: 'refresh', status: 400, who: { client: app }, query: 'grant_type=refresh_token' },
    { kind: 'token', status: 401, who: { name: 'unknown' }, query: 'grant_type=other' },
  ])
  expect(auditEventOf(events[1] as AuditDocument, { mayKnow: () => true })).toMatchObject({ outcome: '4' })
})

test('Preparing a launch is on record with its app and patient, without the handle.', async () => {
  const recordSystem = (await server.client({ scope: 'user/*.cruds launch:create' })).client._id
  const { json } = await launched(server, { client: recordSystem, account: doctor, scope: 'user/*.cruds' })
  const events = await during(async () => {
    const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${String(json['access_token'])}` }
    const body = JSON.stringify({ client: app, patient: 'p1' })
    const answer = await fetch(`${server.origin}/oauth/launch`, { method: 'POST', headers, body })
    return [((await answer.json()) as { launch: string }).launch]
  })
  expect(events).toMatchObject([
    {
      ...{ kind: 'launch', action: 'E', query: `app=${app}`, what: [{ p: ['p1'], n: ['Patient/p1'] }] },
      who: { client: recordSystem, account: doctor._id, person: 'Practitioner/d1' },
    },
  ])
})
