/** The time of a request: what is not done by then is ended, and says so. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { everythingOf } from '../../src/access/permit.ts'
import { errorAnswer } from '../../src/http/outcome.ts'
import { Deadline } from '../../src/kernel/deadline.ts'
import { resourceReader } from '../../src/store/resource-reader.ts'
import { type FhirServer, startFhirServer } from '../support/fhir-server.ts'

let server: FhirServer
beforeAll(async () => {
  server = await startFhirServer({ limits: { bundleMilliseconds: 400 } })
  await server.put({ resourceType: 'Patient', id: 'a', name: [{ family: 'A' }] })
})
afterAll(() => server.stop())

const slow = {
  filter: { $where: 'sleep(1000) || true' },
  ...{ sort: {}, limit: 1, fields: [] },
}

test('a query that goes on after the time of its request is ended, and answered 504', async () => {
  const reader = resourceReader(server.store).within(new Deadline(50))
  const start = performance.now()
  const error: unknown = await reader.find(everythingOf('default'), slow).catch((reason: unknown) => reason)
  expect(performance.now() - start).toBeLessThan(900)
  expect(errorAnswer(error)).toMatchObject({ status: 504, body: expect.stringContaining('"code":"timeout"') })
})

test('nothing is done for a client that went away', async () => {
  const deadline = new Deadline(5_000)
  const start = performance.now()
  const found = resourceReader(server.store).within(deadline).find(everythingOf('default'), slow)
  setTimeout(() => deadline.close(true), 50)
  expect(errorAnswer(await found.catch((reason: unknown) => reason)).status).toBe(503)
  expect(performance.now() - start).toBeLessThan(900)
})

test('entries of a batch that are not begun in its time say so, the others are done', async () => {
  const entry = Array.from({ length: 1000 }, () => ({
    request: { method: 'GET', url: 'Patient?family=A&_revinclude=*' },
  }))
  const { status, json } = await server.send('POST', '', { resourceType: 'Bundle', type: 'batch', entry })
  expect(status).toBe(200)
  const statuses = json.entry?.map(({ response }) => response?.status) ?? []
  expect(statuses).toHaveLength(1000)
  expect(statuses[0]).toBe('200')
  expect(statuses.at(-1)).toBe('504')
})
