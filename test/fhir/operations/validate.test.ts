/** $validate over HTTP, and what becomes of writes that break rules, by the tenant's policy. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { FhirServer } from '../../support/fhir-server.ts'
import { startFhirServer } from '../../support/fhir-server.ts'
import { WARD_PATIENT, wardDefinitions, wardPatient } from '../../support/ward-profile.ts'

let server: FhirServer
let strict: FhirServer

beforeAll(async () => {
  server = await startFhirServer({ definitions: wardDefinitions })
  const usual = { invariants: 'refuse', profiles: 'refuse' } as const
  strict = await startFhirServer({ definitions: wardDefinitions, validation: { usual, tenants: new Map() } })
})
afterAll(async () => {
  await server.stop()
  await strict.stop()
})

const nameless = { ...wardPatient(), name: [{ text: 'x' }] }
const contradicting = {
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'x' },
  valueString: 'y',
  dataAbsentReason: { text: 'z' },
}

async function issues(path: string, body?: unknown): Promise<string[]> {
  const { status, json, text } = await server.send('POST', path, body)
  if (status !== 200) throw new Error(`${status} ${text}`)
  return (json.issue ?? []).map(({ severity, code, expression = [] }) => [severity, code, ...expression].join(' '))
}

test('A good resource is all right', async () => {
  expect(await issues('Patient/$validate', wardPatient())).toEqual(['information informational'])
})

test('All that is wrong is said at once, also of a resource that could never be written', async () => {
  const bad = { ...nameless, gender: 'm', birthdate: '1980', telecom: [{ value: '1' }] }
  expect(await issues('Patient/$validate', bad)).toEqual([
    'error code-invalid Patient.gender',
    'error structure Patient.birthdate',
    'error required Patient.name[0].family',
  ])
})

test('Invariants of R4 are asked', async () => {
  expect(await issues('Observation/$validate', contradicting)).toEqual(['error invariant Observation'])
})

test('A profile that is named is asked, one that is not there is an error', async () => {
  const plain = { resourceType: 'Patient' }
  expect(await issues('Patient/$validate', plain)).toEqual(['information informational'])
  const named = await issues(`Patient/$validate?profile=${encodeURIComponent(WARD_PATIENT)}`, plain)
  expect(named).toContain('error required Patient.name')
  const parameters = {
    resourceType: 'Parameters',
    parameter: [
      { name: 'resource', resource: plain },
      { name: 'profile', valueCanonical: WARD_PATIENT },
      { name: 'profile', valueCanonical: 'http://nowhere.example.org/x' },
    ],
  }
  const both = await issues('Patient/$validate', parameters)
  expect(both).toContain('error required Patient.name')
  expect(both).toContain('error not-found Patient.meta.profile')
})

test('A resource of another type is said', async () => {
  expect(await issues('Practitioner/$validate', { resourceType: 'Patient' })).toEqual(['error structure resourceType'])
})

test('A stored resource is validated by its id, and asked whether it could be deleted', async () => {
  await server.put({ ...nameless, resourceType: 'Patient', id: 'v1' })
  expect(await issues('Patient/v1/$validate')).toEqual(['error required Patient.name[0].family'])
  expect(await issues('Patient/v1/$validate?mode=delete')).toEqual(['information informational'])
  expect((await server.send('POST', 'Patient/none/$validate?mode=delete')).status).toBe(404)
})

test('An update needs the id of the address', async () => {
  expect(await issues('Patient/v1/$validate?mode=update', { ...wardPatient(), id: 'v2' })).toEqual([
    'error required Patient.id',
  ])
  expect(await issues('Patient/$validate?mode=update', wardPatient())).toEqual(['error required Patient.id'])
})

test('Usually what breaks a profile is written, and the outcome says it', async () => {
  const { status, json } = await server.send('POST', 'Patient', nameless, { Prefer: 'return=OperationOutcome' })
  expect(status).toBe(201)
  expect(json.issue?.map(({ severity, code }) => `${severity} ${code}`)).toEqual([
    'information informational',
    'warning required',
  ])
})

test('Where the policy refuses it, no way of writing takes it, and a mended one is taken', async () => {
  const refused = await strict.send('POST', 'Patient', nameless)
  expect(refused.status).toBe(422)
  expect(refused.json.issue).toMatchObject([{ code: 'required', expression: ['Patient.name[0].family'] }])
  expect((await strict.send('POST', 'Patient', { ...wardPatient(), id: 'm' })).status).toBe(201)
  expect((await strict.send('PUT', 'Patient/s1', { ...wardPatient(), id: 's1' })).status).toBe(201)
  expect((await strict.send('PUT', 'Patient/s1', { ...nameless, id: 's1' })).status).toBe(422)
  const patch = [
    { op: 'remove', path: '/name/0/family' },
    { op: 'add', path: '/name/0/text', value: 'x' },
  ]
  expect((await strict.send('PATCH', 'Patient/s1', patch)).status).toBe(422)
  const entry = [{ resource: nameless, request: { method: 'POST', url: 'Patient' } }]
  const transaction = await strict.send('POST', '/fhir/R4', { resourceType: 'Bundle', type: 'transaction', entry })
  expect(transaction.status).toBe(422)
  expect(transaction.json.issue?.[0]?.expression).toEqual(['Bundle.entry[0].resource.name[0].family'])
  expect((await strict.send('POST', 'Observation', contradicting)).status).toBe(422)
})
