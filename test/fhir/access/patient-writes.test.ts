/** A token for one patient's records writes to these, and to nothing else (checklist X10, X11, X16, X24). */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { bearer, callersOf } from '../../support/callers.ts'
import { type FhirServer, type Sample, startFhirServer } from '../../support/fhir-server.ts'
import { observation, reference, samples, tokens } from '../../support/two-patients.ts'

let server: FhirServer
beforeAll(async () => {
  server = await startFhirServer({ callerOf: callersOf(tokens) })
  for (const sample of samples) await server.put(sample)
})
afterAll(() => server.stop())

const send = (method: string, path: string, body?: unknown, more: object = {}) =>
  server.send(method, path, body, { ...bearer('write').headers, ...more })
const sent = (of: string, more: object = {}) => ({ ...observation('x', of), id: undefined, ...more })
beforeEach(async () => {
  await server.put(observation('mine', 'p1', { identifier: [{ system: 'urn:i', value: '1' }] }))
  await server.put(observation('hers', 'p2', { identifier: [{ system: 'urn:i', value: '2' }] }))
})

test('what is created is theirs, or is not created (X24)', async () => {
  expect((await send('POST', 'Observation', sent('p1'))).status).toBe(201)
  for (const body of [sent('p2'), sent('p1', { subject: undefined }), sent('p1', { subject: { display: 'One' } })]) {
    expect((await send('POST', 'Observation', body)).status).toBe(403)
  }
  expect((await send('POST', 'Patient', { resourceType: 'Patient' })).status).toBe(403)
  expect((await send('POST', 'Organization', { resourceType: 'Organization', name: 'x' })).status).toBe(403)
  expect((await send('POST', 'Binary', 'x', { 'Content-Type': 'text/plain' })).status).toBe(403)
})

test('nothing moves from one record to another, by update, patch or their conditional forms (X24)', async () => {
  const mine = observation('mine', 'p1')
  expect((await send('PUT', 'Observation/mine', { ...mine, status: 'amended' })).status).toBe(200)
  expect((await send('PUT', 'Observation/mine', observation('mine', 'p2'))).status).toBe(403)
  const move = [{ op: 'replace', path: '/subject/reference', value: 'Patient/p2' }]
  expect((await send('PATCH', 'Observation/mine', move)).status).toBe(403)
  expect((await send('PATCH', 'Observation?_id=mine', move)).status).toBe(403)
  expect((await send('PUT', 'Observation?_id=mine', observation('mine', 'p2'))).status).toBe(403)
  expect((await server.get('Observation/mine')).text).toContain('Patient/p1')
  expect((await send('PUT', 'Organization/org', { resourceType: 'Organization', id: 'org', name: 'x' })).status).toBe(
    403,
  )
})

test('a write to what is hers is answered as one to what never was', async () => {
  const stolen = (id: string) => ({ ...observation(id, 'p1') })
  const patch = [{ op: 'replace', path: '/status', value: 'amended' }]
  const asked = [
    (id: string) => send('PUT', `Observation/${id}`, stolen(id)),
    (id: string) => send('PUT', `Observation/${id}`, stolen(id), { 'If-Match': 'W/"1"' }),
    (id: string) => send('PATCH', `Observation/${id}`, patch),
    (id: string) => send('DELETE', `Observation/${id}`),
    (id: string) => send('POST', `Observation/${id}/$meta-add`, metaParameters()),
    (id: string) => send('PATCH', `Observation?_id=${id}`, patch),
    (id: string) => send('DELETE', `Observation?_id=${id}`),
    (id: string) => send('PUT', `Observation?_id=${id}`, stolen(id)),
  ]
  await server.put(observation('hers-gone', 'p2'))
  await server.put(observation('hers-gone', 'p2'), { deleted: true })
  for (const ask of asked) {
    const never = await ask('never-was')
    for (const id of ['hers', 'hers-gone']) {
      const { status, text } = await ask(id)
      expect([status, text]).toEqual([never.status, never.text])
    }
  }
  expect(await server.methods('Observation/hers')).not.toContain('DELETE')
  expect((await server.get('Observation/hers')).text).toContain('Patient/p2')
})

test('conditions fit only what the token sees (X11)', async () => {
  const one = await send('POST', 'Observation', sent('p1'), { 'If-None-Exist': 'identifier=urn:i|2' })
  expect(one.status).toBe(201)
  const own = await send('POST', 'Observation', sent('p1'), { 'If-None-Exist': 'identifier=urn:i|1' })
  expect([own.status, own.text.includes('"id":"mine"')]).toEqual([200, true])
  expect((await send('DELETE', 'Observation?identifier=urn:i|2')).status).toBe(204)
  expect(await server.methods('Observation/hers')).not.toContain('DELETE')
  expect((await send('DELETE', 'Observation?identifier=urn:i|1')).status).toBe(204)
  expect(await server.methods('Observation/mine')).toContain('DELETE')
})

test('a transaction is held to it in each entry, also by what it refers to by a search (X10)', async () => {
  const bundle = (type: string, ...resources: Sample[]) => ({
    ...{ resourceType: 'Bundle', type },
    entry: resources.map((resource) => ({ request: { method: 'POST', url: 'Observation' }, resource })),
  })
  const [his, hers] = [sent('p1'), sent('p2')] as unknown as Sample[]
  const before = await server.store.versions.countDocuments()
  expect((await send('POST', '', bundle('transaction', his as Sample, hers as Sample))).status).toBe(403)
  const named = { ...sent('p1'), performer: [reference('Patient?identifier=urn:mrn|p2')] } as unknown as Sample
  expect((await send('POST', '', bundle('transaction', named))).status).toBe(412)
  expect(await server.store.versions.countDocuments()).toBe(before)
  const batch = await send('POST', '', bundle('batch', his as Sample, hers as Sample))
  expect(batch.json.entry?.map(({ response }) => response?.status)).toEqual(['201', '403'])
  const reads = ['Observation/mine', 'Observation/hers', 'Observation?_id=hers'].map((url) => ({
    request: { method: 'GET', url },
  }))
  const read = await send('POST', '', { resourceType: 'Bundle', type: 'transaction', entry: reads })
  expect(read.json.entry?.map(({ response }) => response?.status)).toEqual(['200', '404', '200'])
  expect(read.text).not.toContain('p2')
})

test('who may change less than they may see is told so', async () => {
  const { headers } = bearer('drafts')
  await server.put(observation('early', 'p1', { status: 'preliminary' }))
  const put = (id: string, status: string) =>
    server.send('PUT', `Observation/${id}`, observation(id, 'p1', { status }), headers)
  expect((await put('early', 'final')).status).toBe(403)
  expect((await put('mine', 'preliminary')).status).toBe(403)
  expect((await put('hers', 'preliminary')).status).toBe(404)
  expect(
    (
      await server.send(
        'PUT',
        'Observation/early',
        observation('early', 'p1', { status: 'preliminary', note: [{ text: 'x' }] }),
        headers,
      )
    ).status,
  ).toBe(200)
})
function metaParameters(): object {
  const valueMeta = { tag: [{ system: 'https://x', code: 'y' }] }
  return { resourceType: 'Parameters', parameter: [{ name: 'meta', valueMeta }] }
}
