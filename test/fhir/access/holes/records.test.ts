/**
 * Holes that were found in real servers, none of them here: each a test whose name begins with its number in the checklist
 * (docs/access.md, How it is tested). Here those of records: what the matrix shows for everybody, for one and by name.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { permitOf } from '../../../../src/access/permit.ts'
import { resourceTypes } from '../../../../src/r4/elements.ts'
import { permitted } from '../../../../src/store/permit-filter.ts'
import { ASYNC, type BulkServer, namesIn, startBulkServer } from '../../../support/bulk-server.ts'
import { bearer, callersOf } from '../../../support/callers.ts'
import type { FhirServer } from '../../../support/fhir-server.ts'
import { observation, seen, shared } from '../../../support/two-patients.ts'
import { askingOf, expectAlike, laboratory, mine, others, records, tokens, vitalSigns } from './asking.ts'

let bulk: BulkServer
let server: FhirServer
const { get, send, names } = askingOf(() => server)

beforeAll(async () => {
  bulk = await startBulkServer({ callerOf: callersOf(tokens) })
  server = bulk.server
  for (const sample of records) await server.put(sample)
}, 60_000)
afterAll(() => bulk.stop())

test('X1 a read by id asks whose it is', async () => {
  expect((await get('Observation/o1')).status).toBe(200)
  expect((await get('Observation/o2')).status).toBe(404)
  await expectAlike(get('Observation/o2'), get('Observation/never'))
})

test('X2 includes, back and on and by any name, bring nothing of others', async () => {
  const all = '_include=*&_include:iterate=*&_revinclude=*&_revinclude:iterate=*&_count=100'
  for (const type of ['Observation', 'Patient', 'Encounter', 'Practitioner']) {
    const found = await names(`${type}?${all}`)
    expect([type, others(found)]).toEqual([type, []])
    expect(found.length).toBeGreaterThan(1)
  }
  expect(await names(`Observation?${all}`, 'observations')).toEqual(mine)
})

test('X3 the next page is for who was given it', async () => {
  const { json } = await get('Observation?_count=1&_include=*')
  const next = json.link?.find(({ relation }) => relation === 'next')?.url ?? ''
  expect((await get(next)).status).toBe(200)
  for (const other of ['second', 'patientOnly', 'none'])
    expect((await get(next, other)).status).toBeGreaterThanOrEqual(400)
})

test('X4 _has does not tell values of what the scopes leave out', async () => {
  for (const value of ['gt0', 'gt1', 'gt3', 'lt100']) {
    expect(await names(`Patient?_has:Observation:patient:value-quantity=${value}`, 'patientOnly')).toEqual([])
  }
  expect(await names('Patient?_has:Observation:patient:value-quantity=gt1')).toEqual([])
})

test('X5 a chain leads to what may be searched', async () => {
  expect(await names('Observation?subject:Patient.name=Two')).toEqual([])
  expect(await names('Observation?subject:Patient.name=One', 'observations')).toEqual([])
  expect(await names('Observation?has-member.value-quantity=2')).toEqual([])
  expect(await names('Observation?subject:Patient.name=One')).toEqual(mine)
})

test('X6 to ask for another patient is answered as to ask for nobody', async () => {
  for (const id of ['p2', 'never', 'Patient/p2']) {
    const { status, json } = await get(`Observation?patient=${id}`)
    expect([id, status, json.total, json.entry]).toEqual([id, 200, 0, undefined])
  }
})

test('X7 totals count what is seen', async () => {
  const queries = ['_summary=count', '_total=accurate&_count=1', 'code=urn:c|1&_total=accurate&_count=1', '_count=0']
  for (const query of queries)
    expect([query, (await get(`Observation?${query}`)).json.total]).toEqual([query, mine.length])
  const whole = seen.length + shared.length + 2
  expect((await get('?_summary=count')).json.total).toBe(whole)
})

test('X8 the history of a type and of all is that of one’s own', async () => {
  for (const path of ['_history?_count=500', 'Observation/_history?_count=500', 'Patient/_history?_count=500']) {
    const { json } = await get(path)
    const found = (json.entry ?? []).map(({ fullUrl = '' }) => fullUrl.replace(/.*\/R4\//, ''))
    expect([path, others(found)]).toEqual([path, []])
    expect(found.length).toBeGreaterThan(0)
  }
})

test('X9 a granular scope holds for reads, searches, includes, versions and both sides of a write', async () => {
  expect((await get('Observation/laboratory', 'lab')).status).toBe(200)
  await expectAlike(get('Observation/vital-signs', 'lab'), get('Observation/never', 'lab'))
  await expectAlike(get('Observation/vital-signs/_history/1', 'lab'), get('Observation/never/_history/1', 'lab'))
  expect(await names('Observation', 'lab')).toEqual(['Observation/laboratory'])
  expect(await names('Patient?_revinclude=Observation:patient', 'lab')).toEqual([
    'Observation/laboratory',
    'Patient/p1',
  ])
  const turned = { ...laboratory, category: [{ coding: [{ code: 'vital-signs' }] }] }
  expect((await send('PUT', 'Observation/laboratory', turned, 'lab')).status).toBe(403)
  const back = { ...vitalSigns, category: [{ coding: [{ code: 'laboratory' }] }] }
  expect((await send('PUT', 'Observation/vital-signs', back, 'lab')).status).toBe(404)
})

test('X10 each entry of a bundle is decided with the token, however many there are', async () => {
  const urls = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? 'Observation/o1' : 'Observation/o2'))
  const batch = {
    resourceType: 'Bundle',
    type: 'batch',
    entry: urls.map((url) => ({ request: { method: 'GET', url } })),
  }
  const { json } = await send('POST', '', batch, 'all')
  expect(json.entry?.map(({ response }) => response?.status.slice(0, 3))).toEqual(
    urls.map((url) => (url.endsWith('o1') ? '200' : '404')),
  )
  const requests = [
    { method: 'DELETE', url: 'Encounter/e1' },
    { method: 'DELETE', url: 'Observation/o2' },
  ]
  const both = { resourceType: 'Bundle', type: 'transaction', entry: requests.map((each) => ({ request: each })) }
  expect((await send('POST', '', both)).status).toBe(404)
  expect((await get('Encounter/e1')).status).toBe(200)
})

test('X11 a condition finds only what is seen, in every conditional write', async () => {
  const body = { ...observation('x', 'p2'), id: undefined }
  const of = (id: string) => ({ 'If-None-Exist': `_id=${id}` })
  await expectAlike(
    send('POST', 'Observation', body, 'write', of('o2')),
    send('POST', 'Observation', body, 'write', of('never')),
  )
  await expectAlike(send('PUT', 'Observation?_id=o2', body), send('PUT', 'Observation?_id=never', body))
  await expectAlike(send('DELETE', 'Observation?_id=o2'), send('DELETE', 'Observation?_id=never'))
  const patch = [{ op: 'replace', path: '/status', value: 'amended' }]
  await expectAlike(send('PATCH', 'Observation?_id=o2', patch), send('PATCH', 'Observation?_id=never', patch))
  expect((await get('Observation/o2', 'second')).json.resourceType).toBe('Observation')
})

test('X12 GraphQL resolves what REST would answer, and not without measure', async () => {
  const ask = (query: string, by = 'all') => get(`$graphql?query=${encodeURIComponent(query)}`, by)
  const nested =
    '{ ObservationList { id hasMember { resource { ... on Observation { id } } } subject { resource { ... on Patient { id } } } } }'
  const { text } = await ask(nested)
  expect([text.includes('"o4"'), /"(o2|o3|p2)"/.test(text)]).toEqual([true, false])
  expect((await ask('{ Patient(id: "p2") { id } }')).text).toBe((await ask('{ Patient(id: "never") { id } }')).text)
  expect((await ask('{ ObservationList { id } }', 'patientOnly')).text).toContain('forbidden')
  const aliases = Array.from({ length: 2_000 }, (_, index) => `a${index}: ObservationList { id }`).join(' ')
  const much = await send('POST', '$graphql', { query: `{ ${aliases} }` }, 'all', {
    'Content-Type': 'application/json',
  })
  expect(much.status).toBe(400)
})

test('X15 compartment, $everything and export are one set', async () => {
  bulk.startWorker()
  const own = (found: readonly string[]) =>
    found.filter((name) => !/^(Provenance|Practitioner|Organization)\//.test(name))
  const compartment = own(await names('Patient/p1/*?_count=100', 'backend'))
  const everything = own(await names('Patient/p1/$everything', 'backend'))
  const { output } = await bulk.manifest('Group/one/$export', bearer('backend'))
  expect(everything).toEqual(compartment)
  expect(own(await namesIn(output, bearer('backend')))).toEqual(compartment)
})

test('BD7 what was exported with one token is not for another of the same client that may do less', async () => {
  const { status: asked, headers } = await get('$export?_type=Patient', 'backend', ASYNC)
  expect(asked).toBe(202)
  const { store } = server
  const { permit } = (await store.jobs.findOne({ t: 'default' }, { sort: { created: -1 } })) ?? {}
  const path = headers.get('content-location') ?? ''
  // Each token of these tests is a client of its own
  const statusFor = async (by: string): Promise<number> => {
    await store.jobs.updateMany({}, { $set: { by: `client ${by}` } })
    return (await get(path, by)).status
  }
  expect(permit?.rules).toMatchObject([{ type: '*', letters: 's' }])
  for (const by of ['all', 'patientOnly', 'lab', 'none']) expect([by, await statusFor(by)]).toEqual([by, 404])
  for (const by of ['backend', 'wider']) expect([by, await statusFor(by)]).not.toEqual([by, 404])
  expect(await statusFor('system/Observation.rs')).toBe(404)
})

test('X16 hidden, deleted unseen and never: one status and one body, on every path', async () => {
  await server.put(observation('gone2', 'p2'))
  await server.put(observation('gone2', 'p2'), { deleted: true })
  await server.put(observation('gone1', 'p1'))
  await server.put(observation('gone1', 'p1'), { deleted: true })
  for (const end of ['', '/_history', '/_history/1', '/_history/9', '/$meta', '/$lineage', '/$diff', '/$validate']) {
    for (const id of ['o2', 'gone2']) await expectAlike(get(`Observation/${id}${end}`), get(`Observation/never${end}`))
  }
  expect((await get('Observation/gone1')).status).toBe(410)
  for (const path of ['Patient/p2/*', 'Patient/p2/$everything', 'Patient/p2/$summary', 'Binary/b2']) {
    await expectAlike(get(path), get(path.replace(/[pb]2/, 'never')))
  }
  for (const method of ['PUT', 'PATCH', 'DELETE']) {
    const body = (id: string) => (method === 'PUT' ? observation(id, 'p2') : [{ op: 'remove', path: '/status' }])
    const ask = (id: string) => send(method, `Observation/${id}`, method === 'DELETE' ? undefined : body(id))
    await expectAlike(ask('o2'), ask('never'))
    await expectAlike(ask('gone2'), ask('never'))
  }
})

test('X16 what is hidden takes the way of what never was: as many reads of the same kinds', async () => {
  // It reads records as well
  await bulk.stopWorker()
  const { db } = server.store
  /** Of what the gateway has of records, in no order. */
  const reads = async (ask: () => Promise<unknown>): Promise<string[]> => {
    await db.setProfilingLevel('all')
    await ask()
    await db.setProfilingLevel('off')
    const known = await db.collection('system.profile').find().toArray()
    await db.collection('system.profile').drop()
    const kinds = known.map(({ op, ns }) => `${String(op)} ${String(ns).replace(/^[^.]*\./, '')}`)
    return kinds.filter((kind) => / (resources|versions|rows|files\.)/.test(kind)).sort()
  }
  const expectSameWay = async (ask: (id: string) => Promise<unknown>, ids: readonly string[]): Promise<void> => {
    const never = await reads(() => ask('never'))
    for (const id of ids) expect([ask.toString(), id, await reads(() => ask(id))]).toEqual([ask.toString(), id, never])
  }
  await expectSameWay((id) => get(`Observation/${id}`), ['o2', 'gone2'])
  await expectSameWay((id) => get(`Observation/${id}/_history/1`), ['o2', 'gone2'])
  await expectSameWay((id) => get(`Observation/${id}/_history`), ['o2', 'gone2'])
  await expectSameWay((id) => get(`Observation/${id}/$meta`), ['o2', 'gone2'])
  await expectSameWay((id) => get(`Observation?_id=${id}`), ['o2', 'gone2'])
  await expectSameWay((id) => get(`Observation?patient=${id}`), ['p2'])
  await expectSameWay((id) => get(`Patient/${id}/$everything`), ['p2'])
  await expectSameWay((id) => get(`Patient/${id}/Observation`), ['p2'])
  await expectSameWay((id) => get(`Binary/${id}`), ['b2', 'b3'])
  await expectSameWay((id) => send('PUT', `Observation/${id}`, observation(id, 'p1')), ['o2', 'gone2'])
  await expectSameWay((id) => send('PATCH', `Observation/${id}`, [{ op: 'remove', path: '/status' }]), ['o2', 'gone2'])
  await expectSameWay((id) => send('DELETE', `Observation/${id}`), ['o2', 'gone2'])
})

test('X17 nothing is searched or sorted by that is not seen', async () => {
  const values = ['value-quantity=2', 'value-quantity=gt1', '_filter=value-quantity eq 2', 'identifier=p2', '_id=o2']
  for (const value of values.slice(0, 3)) expect([value, await names(`Observation?${value}`)]).toEqual([value, []])
  for (const value of values.slice(3)) expect([value, await names(`Patient?${value}`)]).toEqual([value, []])
  for (const sort of ['value-quantity', '-value-quantity', 'patient', '-_lastUpdated']) {
    expect([sort, await names(`Observation?_sort=${sort}`)]).toEqual([sort, mine])
  }
})

test('X18 an empty set of patients, rules or scopes denies all', async () => {
  expect(JSON.stringify(permitted({ tenant: 'default', rules: [] }, {}))).toContain('{"_id":{"$in":[]}}')
  for (const by of ['nobodys', 'homeless', 'none']) {
    for (const path of ['?_count=100', 'Observation', 'Practitioner', 'Patient?_summary=count']) {
      const { status, json } = await get(path, by)
      expect([by, path, status === 403 || json.total === 0]).toEqual([by, path, true])
    }
    for (const name of [...seen, ...shared]) expect([403, 404]).toContain((await get(name, by)).status)
  }
  const type = fc.constantFrom('*', ...resourceTypes)
  const credential = (scope: string) => ({ tenant: 'default', client: 'c', scope, patient: undefined as never })
  fc.assert(
    fc.property(type, fc.constantFrom('rs', 'cruds', 'r', 'read', '*'), (of, letters) => {
      expect(permitOf(credential(`patient/${of}.${letters}`)).rules).toEqual([])
      expect(permitOf(credential(`user/${of}.${letters}`)).rules).toEqual([])
    }),
  )
})

test('X21 a token for one patient is for that one, whatever its user may do', async () => {
  expect((await get('Patient/p1', 'clinician')).status).toBe(200)
  await expectAlike(get('Patient/p2', 'clinician'), get('Patient/never', 'clinician'))
  expect((await get('Patient/p2', 'staff')).status).toBe(200)
})

test('X22 the bytes of a Binary, whole or in part, are had by who sees what it belongs to', async () => {
  expect((await get('Binary/b1', 'all', { Accept: 'text/plain' })).text).toBe('x')
  for (const id of ['b2', 'b3']) {
    for (const headers of [{}, { Accept: 'text/plain' }, { Accept: 'text/plain', Range: 'bytes=0-0' }]) {
      await expectAlike(get(`Binary/${id}`, 'all', headers), get('Binary/never', 'all', headers))
    }
  }
})

test('X23 what names somebody else as well is not seen: groups, lists, provenances, audit events, persons, links', async () => {
  const several = ['Group/both', 'List/mixed', 'Provenance/mixed', 'AuditEvent/mixed', 'Linkage/l', 'Patient/p2']
  for (const name of several) {
    expect([name, (await get(name)).status]).toEqual([name, 404])
    const [type = '', id] = name.split('/')
    expect(await names(`${type}?_id=${id}`)).toEqual([])
  }
  expect((await get('Group/one')).status).toBe(200)
})

test('X24 no write leads out of one’s own record, and none changes what is hidden', async () => {
  const moved = { ...observation('o1', 'p2'), id: 'o1' }
  const patch = [{ op: 'replace', path: '/subject/reference', value: 'Patient/p2' }]
  expect((await send('PUT', 'Observation/o1', moved)).status).toBe(403)
  expect((await send('PATCH', 'Observation/o1', patch)).status).toBe(403)
  expect((await send('POST', 'Observation', { ...moved, id: undefined })).status).toBe(403)
  expect((await send('PUT', 'Observation/o2', { ...observation('o2', 'p1'), id: 'o2' })).status).toBe(404)
  expect((await send('PUT', 'Observation/chosen', { ...observation('chosen', 'p1'), id: 'chosen' })).status).toBe(404)
  const meta = { versionId: '77', lastUpdated: '2001-01-01T00:00:00Z' }
  const made = await send('POST', 'Observation', { ...observation('x', 'p1'), id: 'x', meta })
  expect([made.status, made.headers.get('location')?.includes('/x/')]).toEqual([201, false])
  expect(made.headers.get('etag')).toBe('W/"1"')
  await send('DELETE', made.headers.get('location')?.replace(/.*R4\/|\/_history.*/g, '') ?? '')
})

test('X25 no parameter, however special, looks beyond what is seen', async () => {
  const queries = [
    '_elements=id',
    '_summary=true',
    '_lastUpdated=gt2000',
    '_id:not=o1',
    '_id:missing=false',
    'code:text=x',
    '_tag:not=x',
    '_security:not=x',
  ]
  for (const query of queries)
    expect([query, others(await names(`Observation?${query}&_count=100`))]).toEqual([query, []])
  expect(await names('Patient?name:contains=wo')).toEqual([])
  expect(await names('Patient?_list=mixed')).toEqual([])
  expect(others(await names('Observation/$lastn?code=urn:c|1&max=99'))).toEqual([])
  for (const path of ['Observation/o2/$validate', 'Observation/$lastn?patient=p2', 'Patient/p2/$graphql?query={id}']) {
    expect((await get(path)).text).not.toContain('Two')
  }
})
