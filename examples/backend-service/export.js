#!/usr/bin/env node
/**
 * A backend service without a library: it proves itself by a key (https://hl7.org/fhir/smart-app-launch/STU2.2/backend-services.html)
 * and exports all patients with what is theirs (https://hl7.org/fhir/uv/bulkdata/STU2/export.html) into files.
 *
 *   node export.js keys                                    makes private-key.json and jwks.json
 *   node export.js <FHIR base> <client_id> <folder>        exports
 */
import { createPrivateKey, generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import { createWriteStream, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'

let token
let until = 0

const [base = '', clientId, folder = 'export'] = process.argv.slice(2)
if (base === 'keys') makeKeys()
else await exportAll()

/** jwks.json is for the clinic, private-key.json for nobody. */
function makeKeys() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' })
  const names = { kid: randomUUID(), alg: 'ES384' }
  const jwk = (key) => ({ ...key.export({ format: 'jwk' }), ...names })
  writeFileSync('private-key.json', JSON.stringify(jwk(privateKey)), { mode: 0o600 })
  writeFileSync('jwks.json', JSON.stringify({ keys: [jwk(publicKey)] }))
}

async function exportAll() {
  const started = await call(`${base}/Patient/$export`, { Prefer: 'respond-async' })
  const status = started.headers.get('content-location')
  let answer = await call(status)
  while (answer.status === 202) {
    console.log(answer.headers.get('x-progress') ?? 'in progress')
    await sleep(Number(answer.headers.get('retry-after') ?? 1) * 1000)
    answer = await call(status)
  }
  const { output } = await answer.json()
  mkdirSync(folder, { recursive: true })
  for (const [index, { type, url, count }] of output.entries()) {
    const file = join(folder, `${String(index).padStart(3, '0')}.${type}.ndjson`)
    const { body } = await call(url, { Accept: 'application/fhir+ndjson' })
    await pipeline(Readable.fromWeb(body), createWriteStream(file))
    console.log(`${file}: ${count} resources`)
  }
}

/** With a token that is good: one for a service lives five minutes, and an export may take longer. */
async function call(url, headers = {}) {
  if (Date.now() > until) await newToken()
  const response = await fetch(url, {
    headers: { Accept: 'application/fhir+json', ...headers, Authorization: `Bearer ${token}` },
  })
  if (response.ok) return response
  throw new Error(`${url} answered ${response.status}: ${await response.text()}`)
}

async function newToken() {
  const { token_endpoint: endpoint } = await (await fetch(`${base}/.well-known/smart-configuration`)).json()
  const response = await fetch(endpoint, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      scope: 'system/*.rs',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion(endpoint),
    }),
  })
  const answer = await response.json()
  if (!response.ok) throw new Error(`no token: ${answer.error_description ?? answer.error}`)
  token = answer.access_token
  until = Date.now() + (answer.expires_in - 30) * 1000
}

/** "It is me, now, talking to this endpoint", signed. */
function assertion(audience) {
  const jwk = JSON.parse(readFileSync('private-key.json', 'utf8'))
  const header = { alg: 'ES384', kid: jwk.kid, typ: 'JWT' }
  const now = Math.floor(Date.now() / 1000)
  const claims = { iss: clientId, sub: clientId, aud: audience, iat: now, exp: now + 240, jti: randomUUID() }
  const text = [header, claims].map((each) => Buffer.from(JSON.stringify(each)).toString('base64url')).join('.')
  const key = createPrivateKey({ key: jwk, format: 'jwk' })
  const signature = sign('sha384', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' })
  return `${text}.${signature.toString('base64url')}`
}
