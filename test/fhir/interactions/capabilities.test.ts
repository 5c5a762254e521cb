import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { CapabilityStatement } from '@medplum/fhirtypes'
import { resourceTypes } from '../../../src/r4/elements.ts'
import { validationErrors } from '../../support/validate.ts'
import { type FhirServer, PATIENT_PROFILE, startFhirServer } from '../../support/fhir-server.ts'

let server: FhirServer
beforeAll(async () => {
  server = await startFhirServer()
})
afterAll(() => server.stop())

test('the CapabilityStatement is valid and names all types with what can be searched', async () => {
  const { status, json } = await server.get('metadata')
  const statement = json as unknown as CapabilityStatement
  expect(status).toBe(200)
  expect(validationErrors(statement)).toEqual([])
  expect(statement).toMatchObject({ kind: 'instance', fhirVersion: '4.0.1', software: { name: 'Isthmus' } })
  const resources = statement.rest?.[0]?.resource ?? []
  expect(resources.map(({ type }) => type)).toEqual([...resourceTypes])
  expect(resources.find(({ type }) => type === 'Patient')?.supportedProfile).toEqual([PATIENT_PROFILE])
  const observation = resources.find(({ type }) => type === 'Observation')
  const names = observation?.searchParam?.map(({ name }) => name) ?? []
  expect(names).toEqual(expect.arrayContaining(['_id', '_lastUpdated', '_tag', 'code', 'date', 'value-quantity']))
  expect(names).not.toContain('code-value-quantity')
})

test('every parameter it names can be searched by', async () => {
  const { json } = await server.get('metadata')
  const values: Record<string, string> = {
    date: '2025',
    number: '1',
    quantity: '1',
    reference: 'x',
    uri: 'urn:x',
    token: 'x',
    string: 'x',
  }
  const failed: string[] = []
  for (const { type, searchParam = [] } of (json as unknown as CapabilityStatement).rest?.[0]?.resource ?? []) {
    const criteria = searchParam.map(({ name, type: kind }) => `${name}=${values[kind] ?? ''}`)
    const { status, text } = await server.get(`${type}?${criteria.join('&')}&_total=none`)
    if (status !== 200) failed.push(`${type} ${status} ${text}`)
  }
  expect(failed).toEqual([])
})
