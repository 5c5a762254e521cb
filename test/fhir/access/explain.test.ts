/** `$explain-access` says which rule decides, to who may know it. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { makeRole } from '../../../src/store/roles.ts'
import { bearer, callersOf } from '../../support/callers.ts'
import { type FhirServer, startFhirServer } from '../../support/fhir-server.ts'

const person = { account: 'a', representing: [] }
const tokens = {
  officer: { scope: 'user/*.rs', user: { ...person, permissions: ['*.rs', 'access:explain'] } },
  doctor: { scope: 'user/*.rs', user: { ...person, person: 'Practitioner/d', permissions: ['*.cruds'] } },
  patient: { scope: 'patient/*.rs', patient: 'p2', user: { ...person, person: 'Patient/p2', permissions: ['*.rs'] } },
}
const security = [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }]

let server: FhirServer
beforeAll(async () => {
  server = await startFhirServer({ callerOf: callersOf(tokens) })
  for (const id of ['p1', 'p2']) {
    await server.put({ resourceType: 'Patient', id })
    await server.put({ resourceType: 'Condition', id: `c-${id}`, subject: { reference: `Patient/${id}` } })
  }
  await server.put({ resourceType: 'Condition', id: 'r', subject: { reference: 'Patient/p1' }, meta: { security } })
  const account = { _id: 'x', t: 'default', email: 'x@y', emailKey: 'x@y', name: 'X', person: 'Practitioner/x' }
  const rest = { representing: [], identities: [], disabled: false, created: new Date() }
  await server.store.accounts.insertOne({ ...account, ...rest })
  await makeRole(server.store, 'default', { name: 'reader', description: '', permissions: ['Condition.rs'] })
  await server.store.userRoles.insertOne({ _id: 'x/reader', account: 'x', role: 'default/reader' })
})
afterAll(() => server.stop())

async function said(token: keyof typeof tokens, name: string, query = ''): Promise<string[]> {
  const { status, text } = await server.get(`${name}/$explain-access${query}`, bearer(token))
  if (status !== 200) return [String(status)]
  const { parameter } = JSON.parse(text) as { parameter: { part: Record<string, unknown>[] }[] }
  return parameter.map(({ part }) => part.map((each) => Object.values(each)[1]).join(' '))
}

test('scopes, permissions, compartments and labels are told apart, for each letter', async () => {
  expect(await said('doctor', 'Condition/c-p1')).toEqual([
    'r true user/*.rs One scope allows to read Condition of this record.',
    'u false No scope is there to update Condition.',
    'd false No scope is there to delete Condition.',
    's true user/*.rs One scope allows to search Condition of this record.',
  ])
  const [read] = await said('officer', 'Condition/r', '?user=x')
  expect(read).toBe(
    'r false user/*.cruds One scope allows to read Condition of this record. It is labelled R, for which the clearance is missing.',
  )
  const [open, update] = await said('officer', 'Condition/c-p1', '?user=x')
  expect(open).toContain('r true')
  expect(update).toBe('u false No permission of the roles is there to update Condition.')
  expect((await said('officer', 'Patient/p1', '?user=x'))[0]).toBe(
    'r false No permission of the roles is there to read Patient.',
  )
  expect((await said('patient', 'Patient/p2'))[0]).toContain('r true')
})

test('a Consent is named', async () => {
  const code = (system: string, value: string) => ({ coding: [{ system, code: value }] })
  const consent = {
    ...{ resourceType: 'Consent', id: 'no', status: 'active', patient: { reference: 'Patient/p1' } },
    scope: code('http://terminology.hl7.org/CodeSystem/consentscope', 'patient-privacy'),
    category: [code('http://loinc.org', '59284-0')],
    ...{ policyRule: code('http://terminology.hl7.org/CodeSystem/v3-ActCode', 'OPTIN'), provision: { type: 'deny' } },
  }
  expect((await server.send('PUT', 'Consent/no', consent)).status).toBe(201)
  expect((await said('officer', 'Condition/c-p1', '?user=x'))[0]).toContain(
    'r false user/*.cruds One scope allows to read Condition of this record. Consent/no denies it.',
  )
  expect(await said('doctor', 'Condition/c-p1')).toEqual(['404'])
})

test('who may not know is told what a read tells, and nobody but an officer asks for others', async () => {
  const never = await server.get('Condition/never-was', bearer('patient'))
  for (const name of ['Condition/c-p1', 'Condition/r', 'Condition/never-was']) {
    const answer = await server.get(`${name}/$explain-access?user=x`, bearer('patient'))
    expect([answer.status, answer.text]).toEqual([404, never.text])
  }
  expect(await said('patient', 'Condition/c-p2', '?user=x')).toEqual(['403'])
  expect(await said('officer', 'Condition/c-p2', '?user=nobody')).toEqual(['400'])
  expect(await said('officer', 'Condition/c-p2', '?client=nobody')).toEqual(['400'])
})
