/** EHR launch: a record system prepares it, the app brings the handle along. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import type { AccountDocument } from '../../../src/store/accounts.ts'
import {
  authorize,
  authorizeUrl,
  Browser,
  launched,
  newPkce,
  PASSWORD,
  startSmartServer,
  token,
} from '../../support/smart-server.ts'
import type { SmartServer } from '../../support/smart-server.ts'

let server: SmartServer
let app: string
let recordSystem: string
let doctor: AccountDocument
let bearer: string

const scope = 'launch openid offline_access patient/Patient.rs'

beforeAll(async () => {
  server = await startSmartServer()
  await server.put({ resourceType: 'Patient', id: 'p1', name: [{ family: 'Haddad' }] })
  await server.put({ resourceType: 'Patient', id: 'p2', name: [{ family: 'Hariri' }] })
  const visit = { resourceType: 'Encounter', status: 'finished', class: { display: 'Visit' } }
  await server.put({ ...visit, id: 'e1', subject: { reference: 'Patient/p1' } })
  await server.put({ ...visit, id: 'e2', subject: { reference: 'Patient/p2' } })
  const registered = `${scope} launch/patient launch/list?role=https://example.org/r fhirUser user/*.cruds patient/*.cruds`
  app = (await server.client({ launchUrl: 'https://app.example/launch?x=1', scope: registered })).client._id
  recordSystem = (await server.client({ scope: 'user/*.cruds launch:create' })).client._id
  doctor = await server.account()
  bearer = await tokenOf(doctor)
})

afterAll(() => server.stop())

async function tokenOf(account: AccountDocument, client = recordSystem): Promise<string> {
  const { json } = await launched(server, { client, account, scope: 'user/*.cruds' })
  return String(json['access_token'])
}

async function prepare(body: object, authorization = `Bearer ${bearer}`) {
  const headers = { 'Content-Type': 'application/json', Authorization: authorization }
  const response = await fetch(`${server.origin}/oauth/launch`, { method: 'POST', headers, body: JSON.stringify(body) })
  return { status: response.status, json: (await response.json()) as { launch: string; launch_url: string } }
}

async function handle(body: object = {}): Promise<string> {
  return (await prepare({ client: app, patient: 'p1', ...body })).json.launch
}

async function refusal(parameters: Record<string, string | undefined>, client = app): Promise<string | null> {
  const browser = new Browser(server.origin)
  const answer = await browser.open(authorizeUrl(server, { client, scope, parameters }, newPkce()))
  return new URL(answer.headers.get('location') ?? 'x:').searchParams.get('error')
}

test('A launch is prepared, and the app is told what it was prepared with (EL1, EL2, EL3, LC1–LC5, LC8).', async () => {
  const context = { patient: 'p1', encounter: 'e1', intent: 'reconcile', needPatientBanner: false }
  const fhirContext = [{ reference: 'ImagingStudy/1' }, { reference: 'Patient/p2', role: 'https://example.org/r' }]
  const { status, json } = await prepare({ client: app, ...context, fhirContext })
  expect([status, json]).toMatchObject([201, { expires_in: 300 }])
  const url = new URL(json.launch_url)
  expect([url.origin + url.pathname, url.searchParams.get('x')]).toEqual(['https://app.example/launch', '1'])
  expect(url.searchParams.get('iss')).toBe(server.base)
  const launch = url.searchParams.get('launch') ?? ''
  expect(launch).toMatch(/^[\w-]{43}$/)
  expect(JSON.stringify(await server.store.launches.find().toArray())).not.toContain(launch)
  const given = await launched(server, { client: app, account: doctor, scope, parameters: { launch } })
  const told = {
    patient: 'p1',
    encounter: 'e1',
    intent: 'reconcile',
    need_patient_banner: false,
    fhirContext,
    tenant: 'default',
  }
  expect(given.json).toMatchObject({ ...told, scope })
  const style = await fetch(String(given.json['smart_style_url']))
  expect([style.status, await style.json()]).toMatchObject([200, { color_text: expect.any(String) }])
  const form = { grant_type: 'refresh_token', refresh_token: String(given.json['refresh_token']), client_id: app }
  expect((await token(server, form)).json).toMatchObject(told)
})

test('A launch is good once, in time, and not by guessing (EL4).', async () => {
  expect(await refusal({})).toBe('invalid_request')
  expect(await refusal({ launch: 'x'.repeat(43) })).toBe('invalid_request')
  const launch = await handle()
  await authorize(server, { client: app, account: doctor, scope, parameters: { launch } })
  expect(await refusal({ launch })).toBe('invalid_request')
  const late = await handle()
  await server.store.launches.updateMany({ used: { $exists: false } }, { $set: { expires: new Date(Date.now() - 1) } })
  expect(await refusal({ launch: late })).toBe('invalid_request')
})

test('Of many who bring a launch at once, one is let in.', async () => {
  const launch = await handle()
  const answers = await Promise.all(Array.from({ length: 12 }, () => refusal({ launch })))
  expect(answers.filter((error) => error === null)).toHaveLength(1)
})

test('A launch is for the one who is launched with it (EL5).', async () => {
  const other = await server.account()
  const browser = new Browser(server.origin)
  const parameters = { launch: await handle() }
  const login = await browser.open(authorizeUrl(server, { client: app, scope, parameters }, newPkce()))
  const page = await browser.submit(login, { email: other.email, password: PASSWORD })
  expect([page.status, await page.clone().text()]).toEqual([403, expect.stringContaining('made for someone else')])
  const back = await browser.submit(page)
  expect(new URL(back.headers.get('location') ?? 'x:').searchParams.get('error')).toBe('access_denied')
  expect(await server.store.grants.countDocuments({ account: other._id })).toBe(0)
})

test('A launch is for the app it names (EL6), of the tenant it was prepared in (EL7).', async () => {
  const { client } = await server.client()
  expect(await refusal({ launch: await handle() }, client._id)).toBe('invalid_request')
  await server.store.tenants.insertOne({ _id: 'clinic' } as never)
  const elsewhere = (await server.client({}, { tenant: 'clinic' })).client._id
  expect(await refusal({ launch: await handle(), aud: `${server.origin}/t/clinic/fhir/R4` }, elsewhere)).toBe(
    'invalid_request',
  )
  expect((await prepare({ client: elsewhere, patient: 'p1' })).status).toBe(422)
})

test('A launch without a record has one picked where the app asks for it; one with a record is not asked again (EL8).', async () => {
  const wish = { client: app, account: doctor, scope: 'launch launch/patient patient/Patient.rs' }
  const bare = (await prepare({ client: app })).json.launch
  const asked = await launched(server, { ...wish, parameters: { launch: bare }, pick: { patient: 'p2' } })
  expect(asked.json).toMatchObject({ patient: 'p2' })
  const told = { parameters: { launch: await handle({ encounter: 'e1' }) }, pick: { patient: 'p2' } }
  expect((await launched(server, { ...wish, ...told })).json).toMatchObject({ patient: 'p1', encounter: 'e1' })
})

test('Only who may prepares launches, of what they may read.', async () => {
  expect((await prepare({ client: app }, 'Bearer x')).status).toBe(401)
  expect((await prepare({ client: app }, '')).status).toBe(401)
  const staff = await tokenOf(await server.account({ roles: ['staff'] }))
  expect((await prepare({ client: app, patient: 'p1' }, `Bearer ${staff}`)).status).toBe(403)
  expect((await prepare({ client: app, patient: 'p404' })).status).toBe(422)
  expect((await prepare({ client: app, patient: 'p1', encounter: 'e2' })).status).toBe(422)
  expect((await prepare({ client: app, encounter: 'e2' })).status).toBe(422)
})

test('An app that a user gave access prepares no launches, whatever the user may do.', async () => {
  const body = { client: app, patient: 'p1' }
  expect((await prepare(body, `Bearer ${await tokenOf(doctor, app)}`)).status).toBe(403)
})

test('A service that the clinic gave the right prepares launches for somebody it names.', async () => {
  const { keys, jwks } = await keyPair()
  const wish = { kind: 'asymmetric', redirectUris: [], jwks } as const
  const service = async (registered: string): Promise<string> => {
    const { client } = await server.client({ ...wish, scope: registered })
    const claims = { iss: client._id, sub: client._id, aud: `${server.origin}/oauth/token`, jti: randomUUID() }
    const now = Math.floor(Date.now() / 1000)
    const assertion = await new SignJWT({ ...claims, iat: now, exp: now + 60 })
      .setProtectedHeader({ alg: 'ES384', kid: 'k', typ: 'JWT' })
      .sign(keys.privateKey)
    const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
    const proof = { client_assertion_type: type, client_assertion: assertion }
    const { json } = await token(server, { grant_type: 'client_credentials', scope: 'system/Patient.rs', ...proof })
    return `Bearer ${String(json['access_token'])}`
  }
  expect((await prepare({ client: app, patient: 'p1' }, await service('system/Patient.rs'))).status).toBe(403)
  const allowed = await service('system/Patient.rs launch:create')
  expect((await prepare({ client: app, patient: 'p1', user: 'nobody' }, allowed)).status).toBe(422)
  const { json } = await prepare({ client: app, patient: 'p1', user: doctor._id }, allowed)
  const { json: told } = await launched(server, {
    client: app,
    account: doctor,
    scope,
    parameters: { launch: json.launch },
  })
  expect(told).toMatchObject({ patient: 'p1' })
})

async function keyPair() {
  const keys = await generateKeyPair('ES384')
  return { keys, jwks: { keys: [{ ...(await exportJWK(keys.publicKey)), kid: 'k', alg: 'ES384', use: 'sig' }] } }
}

test.each([
  ['no object', []],
  ['no app', { patient: 'p1' }],
  ['an unknown word', { client: 'x', patientId: 'p1' }],
  ['a number as patient', { client: 'x', patient: 1 }],
  ['a banner that is no boolean', { client: 'x', needPatientBanner: 'true' }],
  ['context that is no list', { client: 'x', fhirContext: {} }],
  ['context that names nothing', { client: 'x', fhirContext: [{ role: 'launch' }] }],
  ['an absolute reference', { client: 'x', fhirContext: [{ reference: 'https://a/b/Observation/1' }] }],
  ['a reference to no type', { client: 'x', fhirContext: [{ reference: 'Foo/1' }] }],
  ['a patient in the role of the launch', { client: 'x', fhirContext: [{ reference: 'Patient/1' }] }],
  ['a role that is no URI', { client: 'x', fhirContext: [{ reference: 'List/1', role: '' }] }],
])('A launch with %s is refused (LC6).', async (_, body) => {
  expect((await prepare(body)).status).toBe(422)
})

test('Context that is asked for by its role is granted where the launch has it (LC7).', async () => {
  const wish =
    'launch launch/list?role=https://example.org/r launch/list?role=https://example.org/other patient/Patient.rs'
  const fhirContext = [{ reference: 'List/1', role: 'https://example.org/r' }]
  const launch = await handle({ fhirContext })
  const { json } = await launched(server, { client: app, account: doctor, scope: wish, parameters: { launch } })
  expect(json).toMatchObject({ scope: 'launch launch/list?role=https://example.org/r patient/Patient.rs', fhirContext })
  const without = { client: app, account: doctor, scope: wish, parameters: { launch: await handle() } }
  expect((await launched(server, without)).json).toMatchObject({ scope: 'launch patient/Patient.rs' })
})
