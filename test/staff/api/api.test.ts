/** What holds for every operation of the staff API: who may ask, what is refused, and how it is said. */
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
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

describe('what readers are told', () => {
  // In `{ description: some, or none }` the comma ends the sentence, and begins another key
  test('no sentence ends at its comma', () => {
    expect(keysIn(contract.text).filter((key) => /\s/.test(key))).toEqual([])
  })

  test('every parameter is described', () => {
    const parameters = contract.routes.flatMap(({ operation }) => (operation.parameters ?? []) as Parameter[])
    const told = parameters.filter(({ description, schema }) => description ?? schema.description)
    expect(parameters.filter((each) => !told.includes(each)).map(({ name }) => name)).toEqual([])
  })
})

interface Parameter {
  readonly name: string
  readonly description?: string
  readonly schema: { readonly description?: string }
}

function keysIn(text: string): string[] {
  const keys: string[] = []
  JSON.parse(text, (key, value: unknown) => {
    keys.push(key)
    return value
  })
  return keys
}

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

describe('what is refused before it is looked at is a problem as well', () => {
  test('a body that is too long', async () => {
    const head = 'Host: localhost\r\nContent-Type: application/json\r\nX-CSRF-Token: from-our-page\r\nConnection: close'
    const answer = await raw(`POST /api/messages HTTP/1.1\r\n${head}\r\nContent-Length: 999999999\r\n\r\n{`)
    expect(answer).toMatch(/^HTTP\/1.1 413[^]*problem\+json[^]*"status":413/)
  })

  test('headers that are too long, of an address of its own only', async () => {
    const long = (path: string): Promise<string> =>
      raw(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nX-Filler: ${'x'.repeat(60_000)}\r\n\r\n`)
    expect(await long('/api/people?q=1')).toMatch(/^HTTP\/1.1 431[^]*problem\+json[^]*"status":431/)
    expect(await long('/fhir/R4/Patient')).toMatch(/^HTTP\/1.1 431[^]*OperationOutcome/)
  })

  test('an address that is no text', async () => {
    const answer = await fetch(`${server.origin}/api/people/%ff`)
    expect([answer.status, answer.headers.get('content-type')]).toEqual([400, expect.stringMatching(/problem\+json/)])
  })
})

/** What the server says to bytes that fetch would not send. */
async function raw(request: string): Promise<string> {
  const socket = connect(Number(new URL(server.origin).port), '127.0.0.1')
  socket.write(request)
  return text(socket)
}

test('the contract is there to read, and the page that shows it loads nothing from elsewhere', async () => {
  const shown = await (await fetch(`${server.origin}/api/openapi.json`)).text()
  expect(JSON.parse(shown)).toMatchObject({ openapi: '3.1.0' })
  const page = await fetch(`${server.origin}/api/docs`)
  expect(page.headers.get('content-security-policy')).toMatch(/default-src 'none'/)
  expect(await page.text()).not.toMatch(/https?:/)
  expect((await fetch(`${server.origin}/api/docs/swagger-ui-bundle.js`)).status).toBe(200)
  expect((await fetch(`${server.origin}/api/docs/package.json`)).status).toBe(404)
})
