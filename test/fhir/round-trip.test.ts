/**
 * Resources of all types of R4 come back as they were sent, compared as text: created and updated over HTTP, then read,
 * found, in the history and in a batch. Failing ones are printed with the seed that makes them again.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { resourceTypes } from '../../src/r4/elements.ts'
import { resourceOf } from '../support/generated.ts'
import type { Resource } from '../support/generated.ts'
import { atOnce } from '../support/at-once.ts'
import { startFhirServer, type FhirServer } from '../support/fhir-server.ts'
import { memberOf, membersOf, partsOf, withoutMembers } from '../support/json-text.ts'

const seed = Number(process.env['ISTHMUS_TEST_SEED'] ?? Date.now() % 1_000_000)
const each = 2

interface Sent {
  readonly type: string
  readonly id: string
  readonly text: string
}

let server: FhirServer

beforeAll(async () => {
  server = await startFhirServer()
})

afterAll(async () => {
  await server.stop()
})

/** A Binary would be read as the bytes it is of. */
const AS_RESOURCE = { headers: { Accept: 'application/fhir+json' } }
const samples = resourceTypes.flatMap((type) => fc.sample(resourceOf(type), { numRuns: each, seed }))

test(`resources of all types come back byte for byte (seed ${seed})`, async () => {
  const sent = await atOnce(samples, stored)
  const read = await atOnce(sent, async ({ type, id }) => (await server.get(`${type}/${id}`, AS_RESOURCE)).text)
  const found = await atOnce(sent, async ({ type, id }) => onlyEntry((await server.get(`${type}?_id=${id}`)).text))
  const passed = await atOnce(sent, async ({ type, id }) =>
    onlyEntry((await server.get(`${type}/${id}/_history`)).text),
  )
  for (const texts of [read, found, passed, await batched(sent)]) expectSame(sent, texts)
}, 60_000)

/** Every other one is updated into being, the rest are created. What is there then, sent again, changes nothing. */
async function stored(resource: Resource, index: number): Promise<Sent> {
  const { resourceType: type } = resource
  const id = `r${index}`
  const sent = index % 2 === 0 ? { ...resource, id } : resource
  const address = index % 2 === 0 ? `${type}/${id}` : type
  const { status, text } = await server.send(index % 2 === 0 ? 'PUT' : 'POST', address, sent)
  if (status !== 201) throw new Error(`${status} ${text} of ${JSON.stringify(sent)} with seed ${seed}`)
  const given = JSON.parse(memberOf(text, 'id') ?? '""') as string
  const again = await server.send('PUT', `${type}/${given}`, { ...resource, id: given })
  expect([again.status, again.headers.get('etag'), type, seed]).toEqual([200, 'W/"1"', type, seed])
  return { type, id: given, text: JSON.stringify(resource) }
}

async function batched(sent: readonly Sent[]): Promise<string[]> {
  const entry = sent.map(({ type, id }) => ({ request: { method: 'GET', url: `${type}/${id}` } }))
  const { text } = await server.send('POST', '', { resourceType: 'Bundle', type: 'batch', entry })
  return entriesOf(text)
}

function expectSame(sent: readonly Sent[], texts: readonly string[]): void {
  const different = sent
    .map(({ text, type }, index) => ({ type, sent: content(text), got: content(texts[index] ?? '{}') }))
    .filter((it) => it.sent !== it.got)
  expect(different.slice(0, 3)).toEqual([])
}

/** All but what the gateway gives: id, version and time. */
function content(text: string): string {
  const meta = membersOf(memberOf(text, 'meta') ?? '{}').filter(
    ([name]) => !['versionId', 'lastUpdated'].includes(name),
  )
  return withoutMembers(text, 'id', 'meta') + JSON.stringify(meta.sort())
}

function onlyEntry(bundle: string): string {
  const [only, ...others] = entriesOf(bundle)
  expect(others).toEqual([])
  return only ?? '{}'
}

function entriesOf(bundle: string): string[] {
  return partsOf(memberOf(bundle, 'entry') ?? '[]').map((entry) => memberOf(entry, 'resource') ?? '{}')
}
