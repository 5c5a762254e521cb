/** Who asks too often is told in the words of the contract, whether counted by address or by client, and when to go on. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Redis } from 'ioredis'
import type { Admission } from '../../../src/http/admission.ts'
import { admission } from '../../../src/http/admission.ts'
import { rates } from '../../../src/http/rates.ts'
import { connectRedis } from '../../../src/queue/connection.ts'
import { sharedCount } from '../../../src/queue/shared-count.ts'
import { bearer } from '../../support/callers.ts'
import { redisUrl, uniqueName } from '../../support/services.ts'
import type { StaffServer } from '../../support/staff-server.ts'
import { startStaffServer } from '../../support/staff-server.ts'

const SECONDS = 60

let redis: Redis
let counts: ReturnType<typeof rates>[]
let server: StaffServer
beforeAll(async () => {
  redis = await connectRedis(redisUrl())
  const counted = (times: number): ReturnType<typeof rates> =>
    rates({ times, seconds: SECONDS, add: sharedCount(redis, { name: uniqueName('count'), seconds: SECONDS }) })
  const [addresses, clients] = (counts = [counted(6), counted(2)]) as [(typeof counts)[0], (typeof counts)[0]]
  const usual = { isOurs: () => true, addressOf: () => '192.0.2.1' }
  const gate: Admission = admission({ ...usual, addresses, clients })
  const scope = { scope: 'system/*.cruds' }
  server = await startStaffServer({
    systems: ['ward'],
    mappings: 'test/mappings',
    tokens: { a: scope, b: scope },
    admission: gate,
  })
}, 60_000)
afterAll(async () => {
  for (const each of counts) each.stop()
  await server.stop()
  await redis.quit()
})

test('a client, then an address', async () => {
  const ask = async (client: string) => {
    const { status, headers, json } = await server.api('GET', '/appointments', undefined, bearer(client).headers)
    return {
      status,
      type: headers.get('content-type'),
      after: Number(headers.get('retry-after')),
      problem: json['type'],
      detail: json['detail'],
    }
  }
  expect([(await ask('a')).status, (await ask('a')).status]).toEqual([200, 200])
  const refused = await ask('a')
  expect(refused).toMatchObject({
    status: 429,
    type: expect.stringMatching(/^application\/problem\+json/) as unknown as string,
    problem: 'urn:isthmus:problem:busy',
  })
  expect(refused.detail).toMatch(/Too many requests within a minute: go on in \d+ seconds\./)
  expect(refused.after).toBeGreaterThan(0)
  expect(refused.after).toBeLessThanOrEqual(SECONDS)
  // Another client is not held to it, until all of them together are too many for their address
  expect([(await ask('b')).status, (await ask('b')).status, (await ask('b')).status]).toEqual([200, 200, 429])
  expect(await ask('c')).toMatchObject({ status: 429, problem: refused.problem })
})
