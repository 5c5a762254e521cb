/** What holds for every operation of the staff API: who may ask, what is refused, and how it is said. */
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { anybodyIn } from '../../../src/access/caller.ts'
import { brokenAnswer, checkRequest, readContract } from '../../../src/staff/api/contract.ts'
import { operations } from '../../../src/staff/api/operations/index.ts'
import { bearer } from '../../support/callers.ts'
import type { StaffServer } from '../../support/staff-server.ts'
import { startStaffServer } from '../../support/staff-server.ts'

const contract = await readContract(fileURLToPath(new URL('../../../openapi.yaml', import.meta.url)), '/api')
let server: StaffServer

beforeAll(async () => {
  const session = { caller: anybodyIn('default'), csrf: 'from-our-page' }
  server = await startStaffServer({
    systems: ['hms'],
    mappings: 'mappings',
    session,
    tokens: { reader: { scope: 'user/*.rs' } },
  })
})
afterAll(() => server.stop())

describe('the contract', () => {
  test('has a handler for every operation, and an operation for every handler', () => {
    expect(Object.keys(operations).sort()).toEqual(contract.routes.map(({ id }) => id).sort())
  })

  test.each(contract.routes)('$id says who may ask, what goes wrong and what is given back', (route) => {
    const { operation, method } = route
    expect(Object.keys(operation.responses ?? {})).toContain('default')
    expect(
      checkRequest(contract, route, { path: operation.path, query: {}, headers: {}, body: undefined }),
    ).toBeDefined()
    for (const status of Object.keys(operation.responses ?? {}).filter((each) => each !== 'default')) {
      expect(brokenAnswer(contract, route, Number(status), undefined) ?? '').not.toMatch(/not in openapi/)
    }
    if (method === 'post') expect(JSON.stringify(operation.parameters)).toContain('Idempotency-Key')
  })
})

describe('a request', () => {
  test("that is a browser's gets what it must send with changes", async () => {
    expect((await server.api('GET', '/session')).json).toMatchObject({ tenant: 'default', csrf: 'from-our-page' })
  })

  test('with a token says what the token may do', async () => {
    const { json } = await server.api('GET', '/session', undefined, bearer('reader').headers)
    expect(json).toEqual({ tenant: 'default', client: 'reader' })
  })

  test('for what is not there, or not so, says what is', async () => {
    expect((await server.api('GET', '/nothing')).json).toMatchObject({
      status: 404,
      detail: expect.stringMatching(/docs/),
    })
    const wrong = await server.api('POST', '/session', {})
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET'])
    expect(wrong.headers.get('content-type')).toMatch(/problem\+json/)
  })
})

test('the contract is there to read, and the page that shows it loads nothing from elsewhere', async () => {
  const text = await (await fetch(`${server.origin}/api/openapi.json`)).text()
  expect(JSON.parse(text)).toMatchObject({ openapi: '3.1.0' })
  const page = await fetch(`${server.origin}/api/docs`)
  expect(page.headers.get('content-security-policy')).toMatch(/default-src 'none'/)
  expect(await page.text()).not.toMatch(/https?:/)
  expect((await fetch(`${server.origin}/api/docs/swagger-ui-bundle.js`)).status).toBe(200)
  expect((await fetch(`${server.origin}/api/docs/package.json`)).status).toBe(404)
})
