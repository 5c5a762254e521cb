/** What is written may name what its writer may not see: it is answered as one that names what never was (X16). */
import type { Resource } from '@medplum/fhirtypes'
import type { Db } from 'mongodb'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { bearer, callersOf } from '../../support/callers.ts'
import type { SourceServer } from '../../support/source-server.ts'
import { startSourceServer } from '../../support/source-server.ts'

const user = { account: 'a', person: 'Practitioner/hms-d1', representing: [], permissions: ['*.cruds'] }
const tokens = {
  own: { scope: 'patient/*.cruds', patient: 'hms-p1' },
  narrow: { scope: 'patient/Appointment.cruds', patient: 'hms-p1' },
  doctor: { scope: 'user/*.cruds', user },
}

let server: SourceServer
beforeAll(async () => {
  server = await startSourceServer({ systems: ['hms'], mappings: 'mappings', edges: { callerOf: callersOf(tokens) } })
  await server.load({
    'hms.users': ['p1', 'p2', 'd1'].map((id) => ({ id: `u-${id}`, firstName: id, lastName: 'Ray' })),
    'hms.patients': ['p1', 'p2'].map((id) => ({ id, userId: `u-${id}`, patientId: `PAT-${id}`, chronicDiseases: [] })),
    'hms.doctors': [{ id: 'd1', userId: 'u-d1', doctorId: 'DOC-1' }],
    'hms.appointments': ['p1', 'p2'].map((patientId) => ({
      ...{ id: `a-${patientId}`, patientId, doctorId: 'd1', status: 'scheduled', duration: 30 },
      ...{ appointmentDate: '2030-01-07 00:00:00', appointmentTime: '11:00' },
    })),
  })
}, 60_000)
afterAll(() => server.stop())

const appointment = (patient: string, more: object = {}) => ({
  ...{ resourceType: 'Appointment', status: 'booked', start: '2030-01-08T11:00:00Z', end: '2030-01-08T11:30:00Z' },
  participant: [
    { actor: { reference: `Patient/hms-${patient}` }, status: 'accepted' },
    { actor: { reference: 'Practitioner/hms-d1' }, status: 'accepted' },
  ],
  ...more,
})
const condition = (patient: string) => ({
  ...{ resourceType: 'Condition', code: { text: 'Asthma' }, subject: { reference: `Patient/hms-${patient}` } },
})

async function send(by: string, method: string, path: string, body: object): Promise<[number, string]> {
  const type = method === 'PATCH' ? { 'Content-Type': 'application/json-patch+json' } : {}
  const { status, text } = await server.send(method, path, body, { ...bearer(by).headers, ...type })
  return [status, text]
}

/** By the id of a patient. */
const asks: [string, (patient: string) => Promise<[number, string]>][] = [
  ['a create that makes a row', (patient) => send('own', 'POST', 'Appointment', appointment(patient))],
  ['a create that adds to a row', (patient) => send('own', 'POST', 'Condition', condition(patient))],
  ['an update', (patient) => send('own', 'PUT', 'Appointment/hms-a-p1', appointment(patient, { id: 'hms-a-p1' }))],
  [
    'a patch',
    (patient) => {
      const value = `Patient/hms-${patient}`
      return send('own', 'PATCH', 'Appointment/hms-a-p1', [
        { op: 'replace', path: '/participant/0/actor/reference', value },
      ])
    },
  ],
  [
    'a transaction',
    (patient) => {
      const request = { method: 'POST', url: 'Appointment' }
      const entry = [{ request, resource: appointment(patient) as unknown as Resource }]
      return send('own', 'POST', '', { resourceType: 'Bundle', type: 'transaction', entry })
    },
  ],
]

/** What MongoDB is asked, in no order. */
async function commands(ask: () => Promise<unknown>): Promise<string[]> {
  const { client, db } = server.store
  const databases: Db[] = [db, client.db(server.database('hms'))]
  for (const each of databases) await each.setProfilingLevel('all')
  await ask()
  for (const each of databases) await each.setProfilingLevel('off')
  const known = await Promise.all(databases.map((each) => each.collection('system.profile').find().toArray()))
  for (const each of databases) await each.collection('system.profile').drop()
  const kinds = known.flat().map(({ op, ns }) => `${String(op)} ${String(ns).replace(/^[^.]*\./, '')}`)
  return kinds.filter((kind) => / (resources|versions|rows|users|patients|doctors|appointments)$/.test(kind)).sort()
}

test.each(asks)("%s that names another's record is answered as one that names nobody's", async (_, ask) => {
  const never = await ask('never')
  expect(never[0]).toBeGreaterThanOrEqual(400)
  expect(await ask('p2')).toEqual(never)
  expect(await commands(() => ask('p2'))).toEqual(await commands(() => ask('never')))
})

test('nothing of it is in a row afterwards', async () => {
  expect(await server.table('hms.appointments').countDocuments({ patientId: 'p2' })).toBe(1)
  expect((await server.raw('hms.patients', { id: 'p2' }))?.['chronicDiseases']).toEqual([])
})

test('who may write of a patient names the patient, and whom a scope could show, whatever else they may see', async () => {
  const [status, text] = await send('narrow', 'POST', 'Appointment', appointment('p1'))
  expect([status, text]).toEqual([201, expect.stringContaining('Practitioner/hms-d1')])
  const { id } = JSON.parse(text) as { id: string }
  const moved = { ...(JSON.parse(text) as object), status: 'cancelled' }
  expect((await send('narrow', 'PUT', `Appointment/${id}`, moved))[0]).toBe(200)
})

test('what is denied by the patient is nobody’s to whom it is denied', async () => {
  const denied = (patient: string) =>
    send('doctor', 'PUT', 'Appointment/hms-a-p1', appointment(patient, { id: 'hms-a-p1' }))
  for (const patient of ['p2', 'p1']) expect((await denied(patient))[0]).toBe(200)
  const consent = {
    resourceType: 'Consent',
    status: 'active',
    scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
    category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
    policyRule: { text: 'x' },
    patient: { reference: 'Patient/hms-p2' },
    provision: { type: 'deny' },
  }
  expect((await server.send('POST', 'Consent', consent)).status).toBe(201)
  expect((await server.get('Patient/hms-p2', bearer('doctor'))).status).toBe(404)
  const never = await denied('never')
  expect(never[0]).toBe(422)
  expect(await denied('p2')).toEqual(never)
}, 20_000)
