/** What is revoked ends the exports that were begun by it, and no others (docs/bulk-data.md). */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { revokeTokens } from '../../src/store/authorization.ts'
import type { ServiceKey } from '../support/assertions.ts'
import { proof, serviceKey, serviceWish } from '../support/assertions.ts'
import type { BulkPlace } from '../support/bulk-server.ts'
import { ASYNC, bulkPlace } from '../support/bulk-server.ts'
import type { SmartServer } from '../support/smart-server.ts'
import { launched, startSmartServer, token } from '../support/smart-server.ts'

/** Nobody works on them: each is as long under way as it is not ended. */
let place: BulkPlace
let server: SmartServer
let key: ServiceKey
let service: string

beforeAll(async () => {
  place = bulkPlace()
  server = await startSmartServer({ bulk: place.of })
  key = await serviceKey()
  const wish = serviceWish(key, 'system/*.rs')
  service = (await server.client(wish)).client._id
})

afterAll(async () => {
  await server.stop()
  await place.close()
})

const proven = () => proof({ key, client: service, audience: `${server.origin}/oauth/token` })

async function serviceToken(): Promise<string> {
  const form = { grant_type: 'client_credentials', scope: 'system/*.rs', ...(await proven()) }
  return String((await token(server, form)).json['access_token'])
}

const as = (bearer: string) => ({ Authorization: `Bearer ${bearer}` })

/** Gives the address at which it is asked for. */
async function beginExport(bearer: string): Promise<string> {
  const answer = await server.get('Patient/$export', { headers: { ...ASYNC, ...as(bearer) } })
  expect(answer.status).toBe(202)
  return answer.headers.get('content-location') ?? ''
}

const statusOf = async (address: string, bearer: string): Promise<number> =>
  (await server.get(address, { headers: as(bearer) })).status

async function revoke(form: Readonly<Record<string, string>>): Promise<void> {
  const init = { method: 'POST', body: new URLSearchParams(form) }
  expect((await fetch(`${server.origin}/oauth/revoke`, init)).status).toBe(200)
}

test('a service revokes a token: what was begun with it ends, what was begun with another goes on', async () => {
  const [one, other] = [await serviceToken(), await serviceToken()]
  const [first, second] = [await beginExport(one), await beginExport(other)]
  expect(await statusOf(first, other)).toBe(202)
  await revoke({ token: one, ...(await proven()) })
  expect([await statusOf(first, other), await statusOf(second, other)]).toEqual([404, 202])
})

test('a grant is taken back by a token of it: what was begun by any of its tokens ends', async () => {
  const account = await server.account()
  const { _id: client } = (await server.client({ scope: 'user/*.rs offline_access' })).client
  const launch = () => launched(server, { client, account, scope: 'user/*.rs offline_access' })
  const [mine, other] = [(await launch()).json, (await launch()).json]
  const form = { grant_type: 'refresh_token', client_id: client, refresh_token: String(mine['refresh_token']) }
  const renewed = (await token(server, form)).json
  const [first, second] = [
    await beginExport(String(mine['access_token'])),
    await beginExport(String(other['access_token'])),
  ]
  await revoke({ token: String(renewed['refresh_token']), client_id: client })
  const asker = String(other['access_token'])
  expect([await statusOf(first, asker), await statusOf(second, asker)]).toEqual([404, 202])
})

test('what is ended while it is asked for does not begin', async () => {
  const bearer = await serviceToken()
  const { jobs } = server.store
  const before = await jobs.countDocuments({ state: 'open' })
  const [answers] = await Promise.all([
    Promise.all([1, 2].map(() => server.get('Patient/$export', { headers: { ...ASYNC, ...as(bearer) } }))),
    revokeTokens(server.store, { client: service }),
  ])
  for (const { status } of answers) expect([202, 401]).toContain(status)
  expect(await jobs.countDocuments({ state: 'open' })).toBeLessThanOrEqual(before)
})
