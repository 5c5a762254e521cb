/** How long a token is taken for good without another look. */
import type { IncomingMessage } from 'node:http'
import { expect, test } from '@jest/globals'
import { authenticator } from '../../src/http/authentication.ts'

const BASE = 'https://x/fhir/R4'
const payload = { aud: BASE, clientId: 'c', scope: 'system/*.rs', exp: 4e9, extra: { tenant: 'default', launch: {} } }

test('a read remembers a token for a moment, and what is no read, or an export, asks for it again', async () => {
  let isGood = true
  let lookups = 0
  const authenticate = authenticator({
    find: () => Promise.resolve(++lookups && isGood ? payload : undefined),
    baseOf: () => BASE,
  })
  const ask = (method: string, url: string): Promise<unknown> => {
    const request = { method, headersDistinct: { authorization: ['Bearer t'] } } as unknown as IncomingMessage
    return authenticate(request, { tenant: 'default', url })
  }
  await ask('GET', '/Patient/1')
  await ask('HEAD', '/Patient/1')
  expect(lookups).toBe(1)
  isGood = false
  await ask('GET', '/Patient/1')
  const refused = 'The access token is unknown here, expired or revoked.'
  await expect(ask('POST', '/Patient')).rejects.toThrow(refused)
  isGood = true
  await ask('GET', '/Patient/1')
  isGood = false
  for (const path of ['/$export', '/Patient/%24%65xport?_type=Patient']) {
    await expect(ask('GET', path)).rejects.toThrow(refused)
  }
  await expect(ask('GET', '/Patient/1')).rejects.toThrow(refused)
})
