/**
 * Each capability of `smart-configuration`, by a launch or a request that needs it (checklist D10), and the sets of them
 * that SMART App Launch 2.2 names (D11).
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import type { AccountDocument } from '../../src/store/accounts.ts'
import { mintLaunch } from '../../src/store/launches.ts'
import { proof, serviceKey } from '../support/assertions.ts'
import { authorize, Browser, launched, REDIRECT, startSmartServer, token } from '../support/smart-server.ts'
import type { Launch, SmartServer, TokenAnswer } from '../support/smart-server.ts'

let server: SmartServer
let doctor: AccountDocument
let client: string
let browser: Browser

beforeAll(async () => {
  server = await startSmartServer()
  await server.put({ resourceType: 'Practitioner', id: 'dr' })
  for (const id of ['p1', 'p2']) await server.put({ resourceType: 'Patient', id, name: [{ family: 'Haddad' }] })
  const visit = { resourceType: 'Encounter', status: 'finished', class: { display: 'Visit' } }
  await server.put({ ...visit, id: 'e1', subject: { reference: 'Patient/p1' } })
  doctor = await server.account({ person: 'Practitioner/dr' })
  client = (await server.client()).client._id
  browser = new Browser(server.origin)
})

afterAll(() => server.stop())

type Json = TokenAnswer['json']

/** What the app is told. */
async function told(scope: string, launch: Partial<Launch> = {}): Promise<Json> {
  return (await launched(server, { client, account: doctor, scope, browser, ...launch })).json
}

/** With what a record system has open. */
async function fromRecordSystem(scope: string): Promise<Json> {
  const context = { patient: 'p1', encounter: 'e1' }
  const handle = await mintLaunch(server.store, { t: 'default', client, context, by: 'test' })
  return told(`launch ${scope}`, { parameters: { launch: handle } })
}

const picked = { pick: { patient: 'p1', encounter: 'e1' } }

async function statusOf(json: Json, path: string): Promise<number> {
  const headers = { Authorization: `Bearer ${String(json['access_token'])}` }
  return (await server.get(path, { headers })).status
}

/** Whether a code is given tokens with a proof of the app's own, and another without. */
async function redeemed(app: string, own: Readonly<Record<string, string>>): Promise<boolean[]> {
  const are: boolean[] = []
  for (const proven of [own, { client_id: app }]) {
    const { sent, pkce } = await authorize(server, { client: app, account: doctor, scope: 'user/Patient.rs', browser })
    const form = { grant_type: 'authorization_code', code: String(sent.get('code')), redirect_uri: REDIRECT }
    are.push((await token(server, { ...form, code_verifier: pkce.verifier, ...proven })).status === 200)
  }
  return are
}

async function isRefreshed(scope: string): Promise<number> {
  const { refresh_token: refresh } = await told(`${scope} user/Patient.rs`)
  const form = { grant_type: 'refresh_token', refresh_token: String(refresh), client_id: client }
  return statusOf((await token(server, form)).json, 'Patient/p1')
}

const shown: Readonly<Record<string, () => Promise<void>>> = {
  'launch-ehr': async () => expect(await fromRecordSystem('patient/Patient.rs')).toHaveProperty('access_token'),
  'launch-standalone': async () =>
    expect(await told('launch/patient patient/Patient.rs', picked)).toHaveProperty('access_token'),
  'authorize-post': async () =>
    expect(await told('user/Patient.rs', { posted: true, browser: new Browser(server.origin) })).toHaveProperty(
      'access_token',
    ),
  'client-public': async () => expect(await redeemed(client, { client_id: client })).toEqual([true, true]),
  'client-confidential-symmetric': async () => {
    const { client: app, secret = '' } = await server.client({ kind: 'symmetric' })
    expect(await redeemed(app._id, { client_id: app._id, client_secret: secret })).toEqual([true, false])
  },
  'client-confidential-asymmetric': async () => {
    const key = await serviceKey('RS384')
    const { client: app } = await server.client({ kind: 'asymmetric', jwks: { keys: [key.publicJwk] } })
    const own = await proof({ key, client: app._id, audience: `${server.origin}/oauth/token` })
    expect(await redeemed(app._id, own)).toEqual([true, false])
  },
  'sso-openid-connect': async () => {
    const { id_token: idToken } = await told('openid fhirUser')
    const keys = createRemoteJWKSet(new URL(`${server.origin}/oauth/jwks`))
    const { payload } = await jwtVerify(String(idToken), keys, { issuer: server.origin, audience: client })
    expect(payload['fhirUser']).toBe(`${server.base}/Practitioner/dr`)
  },
  'context-banner': async () =>
    expect(await fromRecordSystem('patient/Patient.rs')).toMatchObject({ need_patient_banner: true }),
  'context-style': async () => {
    const { smart_style_url: style } = await fromRecordSystem('patient/Patient.rs')
    expect(await (await fetch(String(style))).json()).toMatchObject({ color_text: expect.any(String) })
  },
  'context-ehr-patient': async () =>
    expect(await fromRecordSystem('patient/Patient.rs')).toMatchObject({ patient: 'p1' }),
  'context-ehr-encounter': async () =>
    expect(await fromRecordSystem('patient/Encounter.rs')).toMatchObject({ encounter: 'e1' }),
  'context-standalone-patient': async () =>
    expect(await told('launch/patient patient/Patient.rs', picked)).toMatchObject({ patient: 'p1' }),
  'context-standalone-encounter': async () =>
    expect(await told('launch/patient launch/encounter patient/Encounter.rs', picked)).toMatchObject({
      ...{ patient: 'p1', encounter: 'e1' },
    }),
  'permission-offline': async () => expect(await isRefreshed('offline_access')).toBe(200),
  'permission-online': async () => expect(await isRefreshed('online_access')).toBe(200),
  'permission-patient': async () => {
    const json = await told('launch/patient patient/Patient.rs', picked)
    expect([await statusOf(json, 'Patient/p1'), await statusOf(json, 'Patient/p2')]).toEqual([200, 404])
  },
  'permission-user': async () => {
    const json = await told('user/Patient.rs')
    expect([await statusOf(json, 'Patient/p1'), await statusOf(json, 'Patient/p2')]).toEqual([200, 200])
  },
  'permission-v1': async () => {
    const json = await told('user/Patient.read')
    expect([json['scope'], await statusOf(json, 'Patient/p1'), await statusOf(json, 'Patient')]).toEqual([
      ...['user/Patient.read', 200, 200],
    ])
  },
  'permission-v2': async () => {
    const json = await told('user/Patient.r')
    expect([json['scope'], await statusOf(json, 'Patient/p1'), await statusOf(json, 'Patient')]).toEqual([
      ...['user/Patient.r', 200, 403],
    ])
  },
}

async function capabilities(): Promise<string[]> {
  const { json } = await server.get('.well-known/smart-configuration')
  return (json as unknown as { capabilities: string[] }).capabilities
}

test('what is advertised is shown below, and nothing else is (D10)', async () => {
  expect((await capabilities()).sort()).toEqual(Object.keys(shown).sort())
})

test.each(Object.keys(shown))('%s is there (D10)', async (capability) => {
  await shown[capability]?.()
})

const CLIENTS = ['client-public', 'client-confidential-symmetric']

/** SMART App Launch 2.2 §Capability sets. */
test.each([
  ['patient access, standalone', ['launch-standalone', 'context-standalone-patient', 'permission-patient']],
  ['patient access, from an EHR', ['launch-ehr', 'context-ehr-patient', 'permission-patient']],
  ['clinician access, standalone', ['launch-standalone', 'permission-user', 'permission-patient']],
  [
    'clinician access, from an EHR',
    ['launch-ehr', 'context-ehr-patient', 'context-ehr-encounter', 'permission-user', 'permission-patient'],
  ],
])('the set for %s is whole (D11)', async (_, members) => {
  expect(await capabilities()).toEqual(expect.arrayContaining([...CLIENTS, ...members]))
})
