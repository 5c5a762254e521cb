/** What each interaction leaves in the audit, over HTTP and in a real MongoDB. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { readdirSync } from 'node:fs'
import type { AuditDocument } from '../../src/store/audit-documents.ts'
import { startAuditServer, type AuditServer } from '../support/audit-server.ts'
import { bearer, callersOf } from '../support/callers.ts'

const doctor = {
  scope: 'user/*.cruds',
  user: { account: 'a1', person: 'Practitioner/d1', representing: [], permissions: ['Observation.cruds', 'Patient.r'] },
}

let server: AuditServer
beforeAll(async () => {
  server = await startAuditServer({ callerOf: callersOf({ doctor }) })
  for (const id of ['p1', 'p2']) await server.put({ resourceType: 'Patient', id, active: true })
  await server.put(pulse('o1', 'p1'))
  await server.put(pulse('o2', 'p2'))
  await server.put(pulse('o3', 'p1'))
  const participant = ['p1', 'p2'].map((id) => ({ actor: { reference: `Patient/${id}` }, status: 'accepted' }))
  await server.put({ resourceType: 'Appointment', id: 'a1', status: 'booked', participant })
})
afterAll(() => server.stop())

function pulse(id: string, patient: string, value = 60) {
  return {
    ...{ resourceType: 'Observation', id, status: 'final', code: { text: 'pulse' } },
    subject: { reference: `Patient/${patient}` },
    valueQuantity: { value },
  } as const
}

/** Kind, action, status, and names by patients. */
function short({ kind, action, status, what = [] }: AuditDocument): string {
  const named = what.map(({ p = [], n }) => `${p.join('+')}: ${n.join(' ')}`)
  return [`${kind} ${action} ${status}`, ...named].join(' | ')
}

async function left(work: () => Promise<unknown>): Promise<string[]> {
  return (await server.during(work)).map(short)
}

test.each([
  ['Observation/o1', 'read R 200 | p1: Observation/o1/_history/1'],
  ['Patient/p2', 'read R 200 | p2: Patient/p2/_history/1'],
  ['Appointment/a1', 'read R 200 | p1+p2: Appointment/a1/_history/1'],
  ['Observation/o1/_history/1', 'vread R 200 | p1: Observation/o1/_history/1'],
  ['Observation/o1/_history', 'history-instance R 200 | p1: Observation/o1/_history/1'],
  ['Observation?subject=Patient/p1&_count=1', 'search-type E 200 | p1: Observation/o1/_history/1'],
  [
    'Observation?_id=o1,o2&_include=Observation:subject',
    'search-type E 200 | p1: Observation/o1/_history/1 Patient/p1/_history/1 | p2: Observation/o2/_history/1 Patient/p2/_history/1',
  ],
  ['Patient/p1/Observation?_id=o3', 'search-type E 200 | p1: Observation/o3/_history/1'],
  [
    'Patient/p1/$everything?_type=Patient,Observation',
    '$everything E 200 | p1: Patient/p1/_history/1 Observation/o1/_history/1 Observation/o3/_history/1',
  ],
  ['Observation/o2/$meta', '$meta E 200 | p2: Observation/o2/_history/1'],
  ['Observation/$lastn?patient=Patient/p1&_id=o1', '$lastn E 200 | p1: Observation/o1/_history/1'],
  [
    '$graphql?query={Observation(id:"o2"){subject{resource{id}}}}',
    '$graphql E 200 | p2: Observation/o2/_history/1 Patient/p2/_history/1',
  ],
  ['Patient/nobody', 'read R 404 | nobody: Patient/nobody'],
  ['Observation/nothing', 'read R 404 | : Observation/nothing'],
])('%s leaves one event with all it gave out', async (path, expected) => {
  expect(await left(() => server.get(path))).toEqual([expected])
})

test('the capability statement is no access to anything', async () => {
  expect(await left(() => server.get('metadata'))).toEqual([])
})

test('an event says who asked, from what, and for what', async () => {
  const [event] = await server.during(() => server.get('Observation?subject=Patient/p1&_pretty=true', bearer('doctor')))
  expect(event).toMatchObject({
    who: { account: 'a1', person: 'Practitioner/d1', client: 'doctor' },
    query: 'Observation?subject=Patient%2Fp1',
  })
  expect(event?.at.getTime()).toBeGreaterThan(Date.now() - 60_000)
})

test('what is forbidden is on record as refused', async () => {
  expect(await left(() => server.get('Encounter/e1', bearer('doctor')))).toEqual(['read R 403 | : Encounter/e1'])
  expect(
    await left(() => server.send('PUT', 'Patient/p1', { resourceType: 'Patient', id: 'p1' }, bearer('doctor').headers)),
  ).toEqual(['update U 403 | p1: Patient/p1'])
})

test('a write is on record with the patients of before and after', async () => {
  const body = { ...pulse('new', 'p1'), id: undefined }
  const [made] = await server.during(() => server.send('POST', 'Observation', body))
  expect(short(made as AuditDocument)).toMatch(/^create C 200 \| p1: Observation\/[^/]+\/_history\/1$/)
  expect(await left(() => server.send('PUT', 'Observation/o3', pulse('o3', 'p2')))).toEqual([
    'update U 200 | p1+p2: Observation/o3/_history/2',
  ])
  expect(
    await left(() => server.send('PATCH', 'Observation/o3', [{ op: 'replace', path: '/status', value: 'amended' }])),
  ).toEqual(['patch U 200 | p2: Observation/o3/_history/3'])
  expect(await left(() => server.get('Observation/o3', { method: 'DELETE' }))).toEqual([
    'delete D 200 | p2: Observation/o3/_history/4',
  ])
})

test('a write that changes nothing is on record as what it gave out', async () => {
  const work = async (): Promise<unknown> => server.send('PUT', 'Observation/o1', pulse('o1', 'p1'))
  expect(await left(work)).toEqual(['update U 200 | p1: Observation/o1/_history/1'])
})

const entry = (method: string, url: string, resource?: object) => ({
  request: { method, url },
  ...(resource && { resource }),
})

test('a transaction is one event with all it wrote, and what it read beside that another', async () => {
  const bundle = {
    ...{ resourceType: 'Bundle', type: 'transaction' },
    entry: [
      entry('PUT', 'Observation/t1', pulse('t1', 'p1')),
      entry('PUT', 'Observation/t2', pulse('t2', 'p2')),
      entry('GET', 'Patient/p1'),
    ],
  }
  const events = await server.during(() => server.send('POST', '', bundle))
  expect(events.map(short)).toEqual([
    'transaction C 200 | p1: Observation/t1/_history/1 | p2: Observation/t2/_history/1',
    'batch E 200 | p1: Patient/p1/_history/1',
  ])
  expect(new Set(events.map(({ request }) => request)).size).toBe(1)
})

test('each write of a batch is on record, what it read together, and what was refused', async () => {
  const bundle = {
    ...{ resourceType: 'Bundle', type: 'batch' },
    entry: [
      entry('PUT', 'Observation/b1', pulse('b1', 'p1')),
      entry('GET', 'Patient/p2'),
      entry('GET', 'Patient/missing'),
      entry('GET', 'Observation?_id=o1'),
    ],
  }
  expect((await left(() => server.send('POST', '', bundle))).sort()).toEqual([
    'batch E 200 | p2: Patient/p2/_history/1 | p1: Observation/o1/_history/1',
    'create C 200 | p1: Observation/b1/_history/1',
    'read R 404 | missing: Patient/missing',
  ])
})

test('a transaction that is refused leaves nothing but the refusal', async () => {
  const bundle = {
    ...{ resourceType: 'Bundle', type: 'transaction' },
    entry: [
      entry('PUT', 'Observation/x1', pulse('x1', 'p1')),
      {
        ...entry('PUT', 'Observation/o2', pulse('o2', 'p2', 99)),
        request: { method: 'PUT', url: 'Observation/o2', ifMatch: 'W/"7"' },
      },
    ],
  }
  expect(await left(() => server.send('POST', '', bundle))).toEqual(['batch E 412'])
  expect(await server.store.resources.countDocuments({ _id: 'default/Observation/x1' })).toBe(0)
})

test('nothing of a record, no token and no body is in the audit, and nothing stays in the spool', async () => {
  await server.during(() => server.get('Observation/o1', bearer('doctor')))
  const all = JSON.stringify(await server.store.audit.find().toArray())
  expect(all).not.toMatch(/pulse|valueQuantity|Bearer/)
  expect(readdirSync(server.folder)).toEqual([])
})
