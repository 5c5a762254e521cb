/** Who saw what, told to the patient; and the whole audit of a tenant, told to who may read it. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { AuditEvent } from '@medplum/fhirtypes'
import { setTimeout as sleep } from 'node:timers/promises'
import { startAuditServer, type AuditServer } from '../../support/audit-server.ts'
import { bearer, callersOf } from '../../support/callers.ts'

const person = (
  reference: string,
  permissions: readonly string[] = ['*.rs'],
  representing: readonly string[] = [],
) => ({
  scope: 'user/*.rs',
  user: { account: `account of ${reference}`, person: reference, representing, permissions },
})

let server: AuditServer
beforeAll(async () => {
  server = await startAuditServer({
    callerOf: callersOf({
      doctor: person('Practitioner/d1'),
      desk: person('Practitioner/d2', ['Patient.rs', 'Observation.rs']),
      p1: { ...person('Patient/p1'), scope: 'patient/*.rs', patient: 'p1' },
      relative: person('Patient/p2', ['*.rs'], ['p1']),
      app: { scope: 'patient/*.rs', patient: 'p1' },
      service: { scope: 'system/*.rs' },
    }),
  })
  for (const id of ['p1', 'p2']) await server.put({ resourceType: 'Patient', id })
  for (const id of ['p1', 'p2']) {
    const subject = { reference: `Patient/${id}` }
    await server.put({ resourceType: 'Observation', id: `of-${id}`, status: 'final', code: { text: 'x' }, subject })
  }
  await server.get('Observation?status=final', bearer('doctor'))
  await server.get('Observation/of-p2', bearer('service'))
  await server.get('Patient/p1', bearer('relative'))
  await server.get('Encounter?patient=Patient/p1', bearer('desk'))
  await server.get('Patient/p1', bearer('app'))
  await until(async () => (await server.store.audit.countDocuments({ kind: { $exists: true } })) >= 5)
})
afterAll(() => server.stop())

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(50)
}

async function events(path: string, who: string): Promise<AuditEvent[]> {
  const { status, json, text } = await server.get(path, bearer(who))
  if (status !== 200) throw new Error(`${status} ${text}`)
  return (json.entry ?? []).map(({ resource }) => resource as unknown as AuditEvent)
}

const entities = ({ entity = [] }: AuditEvent): (string | undefined)[] =>
  entity.flatMap(({ what }) => (what?.reference === undefined ? [] : what.reference))
const agent = ({ agent: [first] }: AuditEvent): unknown => first?.who?.reference ?? first?.name ?? first?.altId

test('a patient reads who saw what of theirs, newest first, and nothing of another patient', async () => {
  const found = await events('Patient/p1/$access-report', 'p1')
  expect(found.map((event) => [agent(event), entities(event)])).toEqual([
    ['app', ['Patient/p1', 'Patient/p1/_history/1']],
    ['somebody who acts for the patient', ['Patient/p1', 'Patient/p1/_history/1']],
    ['Practitioner/d1', ['Patient/p1', 'Observation/of-p1/_history/1']],
  ])
  expect(JSON.stringify(found)).not.toContain('p2')
  expect(JSON.stringify(found)).not.toContain('127.0.0.1')
})

test('the report itself is on record, and an event stands alone where the reader has no scope for what it names', async () => {
  await until(async () => (await server.store.audit.countDocuments({ kind: '$access-report' })) > 0)
  const [latest] = await events('Patient/p1/$access-report?_count=1', 'relative')
  expect(latest && [latest.subtype?.[1]?.code, entities(latest)]).toEqual([
    '$access-report',
    ['Patient/p1', 'Patient/p1'],
  ])
})

test.each([
  ['who acts for the patient', 'relative', 'Patient/p1/$access-report', 200],
  ['who may search all audit events', 'doctor', 'Patient/p1/$access-report', 200],
  ['an app without a person', 'app', 'Patient/p1/$access-report', 403],
  ['staff without that right', 'desk', 'Patient/p1/$access-report', 403],
  ['another patient', 'p1', 'Patient/p2/$access-report', 404],
  ['whoever asks for nobody', 'doctor', 'Patient/nobody/$access-report', 404],
  ['a service for everything', 'service', 'AuditEvent/$recorded', 200],
  ['a patient', 'p1', 'AuditEvent/$recorded', 403],
  ['staff without a scope', 'desk', 'AuditEvent/$recorded', 403],
])('%s (%s) asks for %s: %i', async (_who, name, path, status) => {
  expect((await server.get(path, bearer(name))).status).toBe(status)
})

test('the audit of the tenant is searched by patient, agent, entity, action, outcome and date', async () => {
  const kinds = async (query: string): Promise<unknown[]> =>
    (await events(`AuditEvent/$recorded?${query}`, 'service')).map((event) => [agent(event), event.action])
  expect(await kinds('patient=p2&action=R')).toEqual([['service', 'R']])
  expect(await kinds('agent=Practitioner/d1&action=E&entity=Observation/of-p2')).toEqual([['Practitioner/d1', 'E']])
  expect(await kinds('agent=desk&outcome=4')).toContainEqual(['Practitioner/d2', 'E'])
  expect(await kinds('date=lt2020')).toEqual([])
  expect((await kinds('date=ge2020')).length).toBeGreaterThan(5)
  expect((await server.get('AuditEvent/$recorded?date=soon', bearer('service'))).status).toBe(400)
})

test('pages follow each other without a gap', async () => {
  // What is asked here is on record too: only what was there before
  const [newest] = await events('AuditEvent/$recorded?_count=1', 'service')
  const before = `date=lt${newest?.recorded ?? ''}`
  const all = await events(`AuditEvent/$recorded?_count=1000&${before}`, 'service')
  const paged: AuditEvent[] = []
  for (let path: string | undefined = `AuditEvent/$recorded?_count=3&${before}`; path !== undefined;) {
    const { json } = await server.get(path, bearer('service'))
    paged.push(...(json.entry ?? []).map(({ resource }) => resource as unknown as AuditEvent))
    path = json.link?.find(({ relation }) => relation === 'next')?.url
  }
  expect(paged.map(({ id }) => id)).toEqual(all.map(({ id }) => id))
})

test('every event is a valid AuditEvent', async () => {
  for (const event of [
    ...(await events('AuditEvent/$recorded', 'service')),
    ...(await events('Patient/p1/$access-report', 'p1')),
  ]) {
    const { json } = await server.send('POST', 'AuditEvent/$validate', event)
    expect(json.issue?.filter(({ severity }) => severity === 'error' || severity === 'fatal')).toEqual([])
  }
})
