import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { decodeProtectedHeader } from 'jose'
import { newSigningKeys } from '../../src/smart/signing-keys.ts'
import { launched, startSmartServer } from '../support/smart-server.ts'
import type { SmartServer } from '../support/smart-server.ts'

let server: SmartServer

beforeAll(async () => {
  const [now, before] = [await newSigningKeys(), await newSigningKeys()]
  server = await startSmartServer({ signingKeys: { keys: [...now.keys, ...before.keys] } })
  await server.store.tenants.insertOne({ _id: 'clinic-a', instance: 'qivr', key: '1', name: 'Clinic A' })
})

afterAll(() => server.stop())

async function json(path: string, headers: Readonly<Record<string, string>> = {}) {
  const response = await fetch(server.origin + path, { headers })
  return { status: response.status, type: response.headers.get('content-type'), json: (await response.json()) as Any }
}
type Any = Readonly<Record<string, unknown>>

const DISCOVERY = '/fhir/R4/.well-known/smart-configuration'

test.each([undefined, 'text/html', 'application/fhir+xml', 'image/png'])(
  'the configuration is JSON for whoever accepts %s, without a token (D01, D02, D03)',
  async (accept) => {
    const answer = await json(DISCOVERY, accept === undefined ? {} : { Accept: accept })
    expect([answer.status, answer.type]).toEqual([200, 'application/json'])
  },
)

test('every address in it is the configured origin’s, whatever host the request names (D04, D12)', async () => {
  const forged = { 'X-Forwarded-Host': 'evil.example', 'X-Forwarded-Proto': 'https', Forwarded: 'host=evil.example' }
  for (const path of [DISCOVERY, '/.well-known/openid-configuration', '/.well-known/oauth-authorization-server']) {
    const { status, json: content } = await json(path, forged)
    expect(status).toBe(200)
    expect(JSON.stringify(content)).not.toContain('evil.example')
    for (const [name, value] of Object.entries(content)) {
      if (/(_endpoint|_uri|_bundle|^issuer)$/.test(name)) expect(String(value)).toMatch(new RegExp(`^${server.origin}`))
    }
    expect(content['issuer']).toBe(server.origin)
  }
})

test('it names all that an app needs, and only methods that are taken (D05 to D09)', async () => {
  const { json: found } = await json(DISCOVERY)
  expect(found).toMatchObject({
    issuer: server.origin,
    jwks_uri: `${server.origin}/oauth/jwks`,
    authorization_endpoint: `${server.origin}/oauth/authorize`,
    token_endpoint: `${server.origin}/oauth/token`,
    management_endpoint: `${server.origin}/oauth/apps`,
    introspection_endpoint: `${server.origin}/oauth/introspect`,
    revocation_endpoint: `${server.origin}/oauth/revoke`,
    registration_endpoint: `${server.origin}/oauth/register`,
    grant_types_supported: expect.arrayContaining(['authorization_code', 'client_credentials']),
    response_types_supported: ['code'],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    token_endpoint_auth_signing_alg_values_supported: ['RS384', 'ES384'],
    capabilities: expect.arrayContaining(['launch-ehr', 'launch-standalone', 'permission-v2', 'sso-openid-connect']),
  })
})

test('OpenID programs find what they need (D12)', async () => {
  const { json: found } = await json('/.well-known/openid-configuration')
  expect(found).toMatchObject({
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: expect.arrayContaining(['RS256']),
    token_endpoint_auth_signing_alg_values_supported: ['RS384', 'ES384'],
  })
})

test('keys are published without their secret parts, those of before too, and the first signs (D13)', async () => {
  const { json: found } = await json('/oauth/jwks')
  const keys = found['keys'] as Any[]
  expect(keys).toHaveLength(2)
  for (const key of keys) {
    expect(key).toMatchObject({ kty: 'RSA', kid: expect.any(String), n: expect.any(String), e: 'AQAB' })
    for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi']) expect(key).not.toHaveProperty(secret)
  }
  const { client } = await server.client()
  const { json: tokens } = await launched(server, {
    ...{ client: client._id, account: await server.account(), scope: 'openid user/*.rs' },
  })
  expect(decodeProtectedHeader(tokens['id_token'] as string)).toMatchObject({ alg: 'RS256', kid: keys[0]?.['kid'] })
})

test('metadata is open, and says how requests are authorized, for older apps too (D14)', async () => {
  const { status, json: found } = await json('/fhir/R4/metadata')
  const [{ security } = { security: undefined }] = found['rest'] as { security?: unknown }[]
  expect(status).toBe(200)
  expect(security).toMatchObject({
    service: [{ coding: [{ code: 'SMART-on-FHIR' }] }],
    extension: [
      { extension: expect.arrayContaining([{ url: 'token', valueUri: `${server.origin}/oauth/token` }]) as unknown },
    ],
  })
})

test('the same is found at the origin (D15), UDAP is not (D16)', async () => {
  const [base, origin] = [await json(DISCOVERY), await json('/.well-known/smart-configuration')]
  expect(origin).toEqual(base)
  expect((await json('/fhir/R4/.well-known/udap')).status).toBe(404)
})

test('each FHIR base has a brand, which tells of no other tenant', async () => {
  const { json: found } = await json(`/t/clinic-a${DISCOVERY}`)
  const response = await fetch(found['user_access_brand_bundle'] as string)
  const text = await response.text()
  expect(text).toContain('"Clinic A"')
  expect(text).toContain(`"address":"${server.origin}/t/clinic-a/fhir/R4"`)
  expect(await (await fetch(`${server.origin}/oauth/brands/default`)).text()).not.toContain('clinic-a')
  expect((await fetch(`${server.origin}/oauth/brands/none`)).status).toBe(404)
})
