/** $summary over HTTP: sections and what belongs in them, what is claimed of them, languages, and whose it is. */
import type { StructureDefinition } from '@medplum/fhirtypes'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { narrativeProblem } from '../../../src/r4/narrative.ts'
import { registryOf } from '../../../src/r4/registry.ts'
import { baseDefinitions } from '../../../src/r4/base-layer.ts'
import { terminologyOf } from '../../../src/r4/terminology/terminology.ts'
import { codeKnowledge } from '../../../src/r4/validation/code-knowledge.ts'
import { validatorOf } from '../../../src/r4/validation/validator.ts'
import type { Bundle, FhirServer, PutOptions, Sample } from '../../support/fhir-server.ts'
import { startFhirServer } from '../../support/fhir-server.ts'

interface Section {
  readonly title: string
  readonly code: { readonly coding: readonly { readonly code: string }[] }
  readonly text: { readonly div: string }
  readonly entry: readonly { readonly reference: string }[]
}

type Summary = Bundle & { readonly meta?: { readonly profile?: string[]; readonly security?: { code: string }[] } }

const IPS = 'http://hl7.org/fhir/uv/ips/StructureDefinition'
const ABSENT = 'http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips'
const TERMS = 'http://terminology.hl7.org/CodeSystem'
const a = { reference: 'Patient/a' }

let server: FhirServer
beforeAll(async () => {
  server = await startFhirServer({ limits: { everythingEntries: 60 } })
  const put = (sample: Sample, options?: PutOptions): Promise<string> => server.put(sample, options)
  const identifier = [{ system: 'urn:mrn', value: '1|2' }]
  await put({ ...patient('a', 'Haddad'), identifier, managingOrganization: { reference: 'Organization/clinic' } })
  await put({ ...patient('b', 'Other'), identifier: [{ system: 'urn:mrn', value: 'twice' }] })
  await put({ ...patient('empty', 'Empty'), identifier: [{ system: 'urn:other', value: 'twice' }] })
  await put({ resourceType: 'Patient', id: 'nameless' })
  await put({ resourceType: 'Organization', id: 'clinic', name: 'Clinic' })
  await put({ resourceType: 'Practitioner', id: 'd', name: [{ family: 'Kerr' }] })
  await put({ resourceType: 'Medication', id: 'm', code: { text: 'Salbutamol' } })
  await put(allergy('peanut', 'active'))
  await put(allergy('old-allergy', 'resolved'))
  await put(condition('asthma', 'active'))
  await put({ ...condition('fracture', 'resolved'), meta: { security: [security('R')] } })
  await put({ ...condition('cold'), recorder: { reference: 'Practitioner/d' } })
  await put({ ...condition('wrong', 'active'), verificationStatus: status('condition-ver-status', 'entered-in-error') })
  await put({ ...condition('of-b', 'active'), subject: { reference: 'Patient/b' } })
  await put(request('inhaler', { medicationReference: { reference: 'Medication/m' } }))
  await put(request('stopped', { status: 'stopped' }))
  await put(request('never', { doNotPerform: true }))
  await put({ resourceType: 'Immunization', id: 'flu', status: 'completed', patient: a, ...given('Influenza') })
  await put({ resourceType: 'Immunization', id: 'not-done', status: 'not-done', patient: a, ...given('Measles') })
  await put({ resourceType: 'Procedure', id: 'knee', status: 'completed', code: { text: 'Knee' }, subject: a })
  await put(observation('pulse-old', 'vital-signs', '8867-4', '2024-01-01'))
  await put(observation('pulse', 'vital-signs', '8867-4', '2024-05-01'))
  await put(observation('sodium', 'laboratory', '2951-2', '2024-05-01'))
  await put({ ...observation('draft', 'laboratory', '2823-3', '2024-05-01'), status: 'preliminary' })
  await put(observation('smoking', 'social-history', '72166-2', '2024-05-01'))
  await put({ resourceType: 'Composition', id: 'note', status: 'final', subject: a, title: 'Note', type: {} })
})
afterAll(() => server.stop())

function patient(id: string, family: string): Sample {
  return { resourceType: 'Patient', id, name: [{ family, given: ['Lay & <la>'] }], birthDate: '1980-05-04' }
}

function status(system: string, code: string): object {
  return { coding: [{ system: `${TERMS}/${system}`, code }] }
}

function security(code: string): object {
  return { system: `${TERMS}/v3-Confidentiality`, code }
}

function allergy(id: string, state: string): Sample {
  const clinicalStatus = status('allergyintolerance-clinical', state)
  return { resourceType: 'AllergyIntolerance', id, clinicalStatus, code: { text: id }, patient: a }
}

function condition(id: string, state?: string): Sample {
  const clinicalStatus = state === undefined ? {} : { clinicalStatus: status('condition-clinical', state) }
  return { resourceType: 'Condition', id, ...clinicalStatus, code: { text: id }, subject: a }
}

function request(id: string, elements: object): Sample {
  const common = { status: 'active', intent: 'order', subject: a }
  const medication = 'medicationReference' in elements ? {} : { medicationCodeableConcept: { text: id } }
  return { resourceType: 'MedicationRequest', id, ...common, ...medication, ...elements }
}

function given(vaccine: string): object {
  return { vaccineCode: { text: vaccine }, occurrenceDateTime: '2023-10-01' }
}

function observation(id: string, category: string, code: string, effectiveDateTime: string): Sample {
  const common = { status: 'final', subject: a, effectiveDateTime, valueQuantity: { value: 61, unit: '/min' } }
  const codes = { category: [status('observation-category', category)], code: { coding: [{ system: LOINC, code }] } }
  return { resourceType: 'Observation', id, ...common, ...codes }
}

const LOINC = 'http://loinc.org'

async function summary(path: string, headers?: Readonly<Record<string, string>>): Promise<Summary> {
  const { status: code, json, text } = await server.get(path, headers && { headers })
  if (code !== 200) throw new Error(`${code} ${text}`)
  return json
}

function sectionsOf({ entry = [] }: Bundle): Section[] {
  return entry[0]?.resource?.['section'] as Section[]
}

function contents(bundle: Bundle): Record<string, string[]> {
  return Object.fromEntries(
    sectionsOf(bundle).map(({ title, entry }) => [
      title,
      entry.map(({ reference }) => reference.split('/').at(-1) ?? ''),
    ]),
  )
}

function claims({ entry = [] }: Bundle, id: string): string[] {
  const meta = entry.find(({ resource }) => resource?.id === id)?.resource?.['meta'] as
    { profile?: string[] } | undefined
  return meta?.profile ?? []
}

test('each section has what belongs there, of this patient alone', async () => {
  expect(contents(await summary('Patient/a/$summary'))).toEqual({
    'Allergies and Intolerances': ['peanut'],
    'Problem List': ['asthma'],
    'Medication Summary': ['inhaler'],
    Immunizations: ['flu'],
    'Diagnostic Results': ['sodium'],
    'History of Procedures': ['knee'],
    'Vital Signs': ['pulse'],
    'History of Past Illness': ['fracture'],
    'Social History': ['smoking'],
    'Diagnoses without a recorded status': ['cold'],
  })
})

test('the document holds the patient, the entries, who and what they refer to, and the gateway as its author', async () => {
  const { entry = [] } = await summary('Patient/a/$summary')
  const types = entry.map(({ resource }) => resource?.resourceType)
  expect(types.slice(0, 2)).toEqual(['Composition', 'Patient'])
  expect(types.slice(-4)).toEqual(['Medication', 'Organization', 'Practitioner', 'Device'])
  expect(types.filter((type) => type === 'Composition')).toHaveLength(1)
  const urls = new Set(entry.map(({ fullUrl }) => fullUrl))
  expect(urls.size).toBe(entry.length)
  const [made] = entry
  const { subject, author, custodian } = made?.resource as unknown as Record<string, { reference: string }>
  const references = [subject, (author as unknown as { reference: string }[])[0], custodian]
  for (const each of references) expect(urls).toContain(each?.reference)
  for (const { entry: own } of sectionsOf({ resourceType: 'Bundle', entry })) {
    for (const { reference } of own) expect(urls).toContain(reference)
  }
})

test('narratives are XHTML in which the data is escaped', async () => {
  const bundle = await summary('Patient/a/$summary')
  const text = bundle.entry?.[0]?.resource?.['text'] as { div: string }
  expect(text.div).toContain('Lay &amp; &lt;la&gt; Haddad')
  for (const { div } of [text, ...sectionsOf(bundle).map((section) => section.text)]) {
    expect(narrativeProblem(div)).toBeUndefined()
  }
})

test('where nothing is known the required sections say so, in the way of IPS', async () => {
  const bundle = await summary('Patient/empty/$summary')
  expect(sectionsOf(bundle).map(({ code }) => code.coding[0]?.code)).toEqual(['48765-2', '11450-4', '10160-0'])
  const codes = (bundle.entry ?? []).flatMap(({ resource }) => {
    const { code, medicationCodeableConcept } = resource as unknown as Record<string, { coding?: { code: string }[] }>
    return [code?.coding?.[0], medicationCodeableConcept?.coding?.[0]].filter((each) => each)
  })
  expect(codes).toMatchObject([
    { system: ABSENT, code: 'no-allergy-info' },
    { system: ABSENT, code: 'no-problem-info' },
    { system: ABSENT, code: 'no-medication-info' },
  ])
})

test('profiles of IPS are claimed of what conforms, and a missing name or time is said to be unknown', async () => {
  const bundle = await summary('Patient/a/$summary')
  expect(bundle.meta?.profile).toEqual([`${IPS}/Bundle-uv-ips`])
  expect(claims(bundle, 'a')).toEqual([`${IPS}/Patient-uv-ips`])
  expect(claims(bundle, 'asthma')).toEqual([`${IPS}/Condition-uv-ips`])
  expect(claims(bundle, 'cold')).toEqual([])
  expect(claims(bundle, 'knee')).toEqual([`${IPS}/Procedure-uv-ips`])
  expect(JSON.stringify(bundle)).toContain('"_performedDateTime":{"extension":[{"url":"http://hl7.org/fhir/Str')
  expect((await server.get('Procedure/knee')).text).not.toContain('_performedDateTime')
  const nameless = await summary('Patient/nameless/$summary')
  expect(nameless.entry?.[1]?.resource).toMatchObject({ name: [{ _text: {} }], _birthDate: {} })
})

test('where the package is loaded its profiles decide, and nothing is claimed of what refers to a part that fails', async () => {
  const stricter = (type: string, element: string): StructureDefinition => ({
    ...{ resourceType: 'StructureDefinition', url: `${IPS}/${type}-uv-ips`, name: type, status: 'active', type },
    ...{ kind: 'resource', abstract: false, derivation: 'constraint' },
    baseDefinition: `http://hl7.org/fhir/StructureDefinition/${type}`,
    differential: { element: [{ id: `${type}.${element}`, path: `${type}.${element}`, min: 1 }] },
  })
  const other = await startFhirServer({ definitions: [stricter('Medication', 'form'), stricter('Condition', 'code')] })
  try {
    await other.put(patient('a', 'Haddad'))
    await other.put({ resourceType: 'Medication', id: 'm', code: { text: 'Salbutamol' } })
    await other.put(request('inhaler', { medicationReference: { reference: 'Medication/m' } }))
    await other.put(request('plain', {}))
    await other.put(condition('cold', 'active'))
    const { json } = await other.get('Patient/a/$summary')
    expect(claims(json, 'm')).toEqual([])
    expect(claims(json, 'inhaler')).toEqual([])
    expect(claims(json, 'plain')).toEqual([`${IPS}/MedicationRequest-uv-ips`])
    expect(claims(json, 'cold')).toEqual([`${IPS}/Condition-uv-ips`])
  } finally {
    await other.stop()
  }
})

test('a summary is as confidential as the most confidential of what is in it', async () => {
  const bundle = await summary('Patient/a/$summary')
  expect(bundle.entry?.[0]?.resource).toMatchObject({ confidentiality: 'R' })
  expect(bundle.meta?.security).toMatchObject([{ code: 'R' }])
  expect((await summary('Patient/empty/$summary')).meta?.security).toBeUndefined()
})

test('headings are of the language that Accept-Language wants', async () => {
  const headers = { 'Accept-Language': 'fr, ar-AE;q=0.8, en;q=0.2' }
  const answer = await server.get('Patient/a/$summary', { headers })
  expect(answer.headers.get('content-language')).toBe('ar')
  expect(sectionsOf(answer.json)[0]?.title).toBe('الحساسية وعدم التحمّل')
  expect(sectionsOf(answer.json)[0]?.text.div).toContain('dir="rtl"')
})

test('a summary is valid R4', async () => {
  const registry = registryOf(baseDefinitions())
  const terminology = terminologyOf(registry)
  const validator = validatorOf(registry, codeKnowledge(terminology))
  for (const path of ['Patient/a/$summary', 'Patient/empty/$summary']) {
    const bundle = await summary(path)
    const found = [...validator.structure(bundle), ...validator.invariants(bundle)]
    expect(found.filter(({ severity }) => severity === 'error')).toEqual([])
  }
})

test('the patient may be named by an identifier, in a query or in Parameters', async () => {
  expect((await summary('Patient/$summary?identifier=urn:mrn|1|2')).entry?.[1]?.resource?.id).toBe('a')
  const parameter = [{ name: 'identifer', valueIdentifier: { system: 'urn:mrn', value: '1|2' } }]
  const { json } = await server.send('POST', 'Patient/$summary', { resourceType: 'Parameters', parameter })
  expect(json.entry?.[1]?.resource?.id).toBe('a')
})

test.each([
  ['Patient/$summary?identifier=urn:mrn|nobody', 404],
  ['Patient/$summary?identifier=twice', 412],
  ['Patient/$summary', 400],
  ['Patient/a/$summary?graph=http://example.org/g', 400],
  ['Patient/a/$summary?profile=http://example.org/p', 400],
  [`Patient/a/$summary?profile=${IPS}/Bundle-uv-ips`, 200],
  ['/t/other/fhir/R4/Patient/a/$summary', 404],
])('%s is answered %i', async (path, code) => {
  expect((await server.get(path)).status).toBe(code)
})

test('of a patient of another tenant and of nobody the answer is the same, byte for byte', async () => {
  await server.put(patient('hidden', 'Hidden'), { tenant: 'other' })
  const [hidden, nobody] = [await server.get('Patient/hidden/$summary'), await server.get('Patient/nobody/$summary')]
  expect(hidden.status).toBe(404)
  expect(hidden.text).toBe(nobody.text)
})

test('a record of more than the limit is refused, and says what to do', async () => {
  const subject = { reference: 'Patient/b' }
  for (let i = 0; i < 61; i++) await server.put({ ...observation(`b-${i}`, 'laboratory', '1-8', '2024'), subject })
  const { status: code, json } = await server.get('Patient/b/$summary')
  expect(code).toBe(413)
  expect(json.issue?.[0]?.diagnostics).toContain('60 resources')
})
