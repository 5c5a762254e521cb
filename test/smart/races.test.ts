/**
 * What is good once, asked for by many at once, of two gateways over one database (checklist A14, RF6, CA06, EL1): fifty times
 * there is exactly one who gets it. One gateway is in this process, the other in one of its own.
 */
import { randomUUID } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { newSigningKeys } from '../../src/smart/signing-keys.ts'
import type { AccountDocument } from '../../src/store/accounts.ts'
import { mintLaunch } from '../../src/store/launches.ts'
import { ownVariables, run } from '../cli/gateway.ts'
import type { Running, Variables } from '../cli/gateway.ts'
import { proof, serviceKey, serviceWish } from '../support/assertions.ts'
import { atOnce } from '../support/at-once.ts'
import { sharedKeys } from '../support/seals.ts'
import {
  authorize,
  authorizeUrl,
  Browser,
  newPkce,
  PASSWORD,
  REDIRECT,
  startSmartServer,
  token,
} from '../support/smart-server.ts'
import type { SmartServer } from '../support/smart-server.ts'

const ROUNDS = 50
/** to each of both gateways */
const ASKING = 4
const PATIENCE = 300_000

let server: SmartServer
let other: Pick<SmartServer, 'origin'>
let gateway: Running
let variables: Variables
let account: AccountDocument
let id: string

beforeAll(async () => {
  const signingKeys = await newSigningKeys()
  server = await startSmartServer({ signingKeys })
  account = await server.account()
  id = (await server.client()).client._id
  variables = ownVariables()
  const folder = variables['ISTHMUS_DATA_DIR'] ?? ''
  writeFileSync(join(folder, 'keys.json'), JSON.stringify(signingKeys))
  writeFileSync(join(folder, 'password'), PASSWORD)
  writeFileSync(join(folder, 'seals.json'), sharedKeys)
  gateway = run('main.ts', [], {
    ...variables,
    ...{ ISTHMUS_AUTH: 'smart', ISTHMUS_DATABASE: server.store.db.databaseName, PUBLIC_URL: server.origin },
    ...{ ISTHMUS_SIGNING_KEYS: join(folder, 'keys.json'), ISTHMUS_ADMIN_EMAIL: 'admin@clinic.example' },
    ISTHMUS_ADMIN_PASSWORD_FILE: join(folder, 'password'),
    ISTHMUS_ENCRYPTION_KEYS: join(folder, 'seals.json'),
  })
  const [, origin = ''] = await gateway.line(/isthmus ready (\S+)/)
  other = { origin }
}, PATIENCE)

afterAll(async () => {
  gateway.child.kill('SIGTERM')
  await gateway.ended
  await server.stop()
  rmSync(variables['ISTHMUS_DATA_DIR'] ?? '', { recursive: true })
})

/** How many of those who ask at once are answered with 200; all others with `refused`. */
async function winners(form: Form, refused: number): Promise<number> {
  const asking = Array.from({ length: 2 * ASKING }, (_, n) =>
    token(n % 2 === 0 ? server : (other as SmartServer), form),
  )
  const statuses = (await Promise.all(asking)).map(({ status }) => status)
  expect(statuses.filter((status) => status !== 200 && status !== refused)).toEqual([])
  return statuses.filter((status) => status === 200).length
}

type Form = Readonly<Record<string, string>>

/** What becomes of each of many codes. A code is used as soon as it is made: it is good for a minute. */
async function ofEachCode(use: (form: Form) => Promise<number>): Promise<number[]> {
  const browser = new Browser(server.origin)
  const results: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const { sent, pkce } = await authorize(server, { client: id, account, scope: 'user/*.rs offline_access', browser })
    const form = { grant_type: 'authorization_code', code: String(sent.get('code')), redirect_uri: REDIRECT }
    results.push(await use({ ...form, client_id: id, code_verifier: pkce.verifier }))
  }
  return results
}

/** How many of those who bring a handle at once are let into the dialog; all others are refused. */
async function letIn(handle: string): Promise<number> {
  const asking = Array.from({ length: 2 * ASKING }, async (_, n) => {
    const parameters = { aud: server.base, launch: handle }
    const place = { origin: n % 2 === 0 ? server.origin : other.origin, base: server.base }
    const url = authorizeUrl(place, { client: id, scope: 'launch user/*.rs', parameters }, newPkce())
    const { headers } = await fetch(url, { redirect: 'manual' })
    const next = new URL(headers.get('location') ?? 'x:', server.origin)
    return next.pathname.startsWith('/oauth/interaction/') ? 'in' : next.searchParams.get('error')
  })
  const answers = await Promise.all(asking)
  expect(answers.filter((answer) => answer !== 'in' && answer !== 'invalid_request')).toEqual([])
  return answers.filter((answer) => answer === 'in').length
}

const once = Array.from({ length: ROUNDS }, () => 1)

test(
  'of many who send one assertion to two gateways one is answered (CA06)',
  async () => {
    const key = await serviceKey()
    const wish = serviceWish(key, 'system/*.rs')
    const { client } = await server.client(wish)
    const audience = `${server.origin}/oauth/token`
    const rounds = await atOnce(
      once,
      async () => {
        const proven = await proof({ key, client: client._id, audience, claims: { jti: randomUUID() } })
        return winners({ grant_type: 'client_credentials', scope: 'system/*.rs', ...proven }, 401)
      },
      2,
    )
    expect(rounds).toEqual(once)
  },
  PATIENCE,
)

test(
  'of many who bring one launch to two gateways one is let in (EL1)',
  async () => {
    const launch = { t: 'default', client: id, context: {}, by: 'test' }
    const handles = await atOnce(once, () => mintLaunch(server.store, launch))
    expect(await atOnce(handles, letIn, 2)).toEqual(once)
  },
  PATIENCE,
)

test(
  'of many who redeem one code at two gateways one is answered (A14)',
  async () => {
    expect(await ofEachCode((form) => winners(form, 400))).toEqual(once)
  },
  PATIENCE,
)

test(
  'of many who use one refresh token at two gateways one is answered (RF6)',
  async () => {
    const rounds = await ofEachCode(async (form) => {
      const { json } = await token(server, form)
      return winners({ grant_type: 'refresh_token', refresh_token: String(json['refresh_token']), client_id: id }, 400)
    })
    expect(rounds).toEqual(once)
    const left = await server.store.authorization.countDocuments({ client: id, _id: /^(Access|Refresh)Token\// })
    expect(left).toBe(0)
  },
  PATIENCE,
)
