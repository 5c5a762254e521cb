import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { CapabilityStatement, TerminologyCapabilities } from '@medplum/fhirtypes'
import { useSearchParameters } from '../../../src/r4/search-parameters.ts'
import { reindexed } from '../../projection/reindexed.ts'
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
  expect(names).toContain('code-value-quantity')
})

test('it says what each parameter takes, and what the routes do', async () => {
  const { json } = await server.get('metadata')
  const [rest] = (json as unknown as CapabilityStatement).rest ?? []
  const observation = rest?.resource?.find(({ type }) => type === 'Observation')
  const takes = (name: string) => observation?.searchParam?.find((each) => each.name === name)?.documentation
  expect(takes('date')).toBe('Modifiers: :missing. Prefixes: eq ne gt lt ge le sa eb ap')
  expect(takes('subject')).toMatch(/^Modifiers: :missing .*:identifier.* :\[type\]$/)
  expect(observation).toMatchObject({ versioning: 'versioned', updateCreate: true, conditionalDelete: 'single' })
  expect(observation?.searchInclude).toContain('Observation:subject')
  expect(observation?.searchRevInclude).toContain('DiagnosticReport:result')
  expect(observation?.operation?.map(({ name }) => name)).toContain('lineage')
  expect(rest?.compartment).toContain('http://hl7.org/fhir/CompartmentDefinition/patient')
  expect(rest?.interaction?.map(({ code }) => code)).toEqual([
    'batch',
    'transaction',
    'history-system',
    'search-system',
  ])
})

test('mode chooses the whole, its normative part, or what is done with terminologies', async () => {
  const whole = (await server.get('metadata?mode=full')).text
  expect(whole).toBe((await server.get('metadata')).text)
  const normative = (await server.get('metadata?mode=normative')).json as unknown as CapabilityStatement
  expect(validationErrors(normative)).toEqual([])
  expect(normative.rest?.[0]?.resource?.[0]).not.toHaveProperty('conditionalCreate')
  const terminology = (await server.get('metadata?mode=terminology')).json as unknown as CapabilityStatement
  expect(terminology.resourceType).toBe('TerminologyCapabilities')
  expect(validationErrors(terminology)).toEqual([])
  expect((await server.get('metadata?mode=some')).status).toBe(400)
})

test('mode=terminology names the code systems that are loaded, and what $expand takes', async () => {
  const { json } = await server.get('metadata?mode=terminology')
  const { codeSystem = [], expansion } = json as unknown as TerminologyCapabilities
  const genders = codeSystem.find(({ uri }) => uri === 'http://hl7.org/fhir/administrative-gender')
  expect(genders).toEqual({ uri: genders?.uri, version: [{ code: '4.0.1' }], subsumption: true })
  expect(codeSystem.some(({ uri }) => uri === 'http://snomed.info/sct')).toBe(false)
  expect(expansion?.parameter).toContainEqual({ name: 'displayLanguage' })
})

test('a parameter of our own is named by its canonical, beside those of R4', async () => {
  useSearchParameters([reindexed])
  const own = await startFhirServer()
  const { json } = await own.get('metadata')
  const patient = (json as unknown as CapabilityStatement).rest?.[0]?.resource?.find(({ type }) => type === 'Patient')
  expect(patient?.searchParam?.find(({ name }) => name === 'shoe-size')?.definition).toBe(reindexed.url)
  await own.stop()
  useSearchParameters([])
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
    // Location?near
    special: '48.2|16.37',
  }
  const failed: string[] = []
  for (const { type, searchParam = [] } of (json as unknown as CapabilityStatement).rest?.[0]?.resource ?? []) {
    // What the parts of a composite take differs (test/fhir/search/composites.test.ts)
    const single = searchParam.filter(({ type: kind }) => kind !== 'composite')
    const criteria = single.map(({ name, type: kind }) => `${name}=${values[kind] ?? ''}`)
    const { status, text } = await server.get(`${type}?${criteria.join('&')}&_total=none`)
    if (status !== 200) failed.push(`${type} ${status} ${text}`)
  }
  expect(failed).toEqual([])
})
