/** Standalone launch, with a patient that the person picks, by each kind of app (SL6). */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import type { NewClient } from '../../../src/smart/clients/new-client.ts'
import { authorize, REDIRECT, startSmartServer, token } from '../../support/smart-server.ts'
import type { SmartServer } from '../../support/smart-server.ts'

let server: SmartServer

beforeAll(async () => {
  server = await startSmartServer()
  await server.put({ resourceType: 'Patient', id: 'p1', name: [{ family: 'Haddad' }] })
})

afterAll(() => server.stop())

/** What it adds to its request for a token. */
type Proof = Readonly<Record<string, string>>

async function patientOf({ client }: NewClient, proof: (id: string) => Proof | Promise<Proof>): Promise<unknown> {
  const scope = 'launch/patient patient/Patient.rs'
  const pick = { text: 'haddad', patient: 'p1' }
  const { sent, pkce } = await authorize(server, { client: client._id, account: await server.account(), scope, pick })
  const { json } = await token(server, {
    ...{ grant_type: 'authorization_code', code: sent.get('code') ?? '', redirect_uri: REDIRECT },
    ...{ code_verifier: pkce.verifier, ...(await proof(client._id)) },
  })
  const headers = { Authorization: `Bearer ${String(json['access_token'])}` }
  return (await server.get(`Patient/${String(json['patient'])}`, { headers })).json
}

const haddad = { resourceType: 'Patient', id: 'p1' }

test('one that can keep no secret', async () => {
  expect(await patientOf(await server.client(), (id) => ({ client_id: id }))).toMatchObject(haddad)
})

test('one with a secret', async () => {
  const made = await server.client({ kind: 'symmetric' })
  const proof = (id: string) => ({ client_id: id, client_secret: made.secret ?? '' })
  expect(await patientOf(made, proof)).toMatchObject(haddad)
})

test('one with a key', async () => {
  const { privateKey, publicKey } = await generateKeyPair('ES384', { extractable: true })
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'ES384' }] }
  const proof = async (id: string) => ({
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: await new SignJWT({ iss: id, sub: id, aud: `${server.origin}/oauth/token`, jti: randomUUID() })
      .setProtectedHeader({ alg: 'ES384', kid: 'k', typ: 'JWT' })
      .setIssuedAt()
      .setExpirationTime('60s')
      .sign(privateKey),
  })
  expect(await patientOf(await server.client({ kind: 'asymmetric', jwks }), proof)).toMatchObject(haddad)
})
