/** $document of compositions and reports over HTTP: what comes along, what does not, what is stored. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { registryOf } from '../../../src/r4/registry.ts'
import { baseDefinitions } from '../../../src/r4/base-layer.ts'
import { terminologyOf } from '../../../src/r4/terminology/terminology.ts'
import { codeKnowledge } from '../../../src/r4/validation/code-knowledge.ts'
import { validatorOf } from '../../../src/r4/validation/validator.ts'
import type { Bundle, FhirServer, PutOptions, Sample } from '../../support/fhir-server.ts'
import { startFhirServer } from '../../support/fhir-server.ts'
import { startSourceServer } from '../../support/source-server.ts'

interface Section {
  readonly title: string
  readonly text?: { readonly div: string }
  readonly entry?: readonly { readonly reference: string }[]
}

type Document = Bundle & {
  readonly type: string
  readonly identifier: { readonly value: string }
  readonly id?: string
}

const a = { reference: 'Patient/a' }
const author = [{ reference: 'Practitioner/d' }]

let server: FhirServer
beforeAll(async () => {
  server = await startFhirServer({ limits: { everythingEntries: 40 } })
  const put = (sample: Sample, options?: PutOptions): Promise<string> => server.put(sample, options)
  await put({ resourceType: 'Patient', id: 'a', managingOrganization: { reference: 'Organization/clinic' } })
  await put({ resourceType: 'Patient', id: 'b' })
  await put({ resourceType: 'Organization', id: 'clinic', name: 'Clinic', partOf: { reference: 'Organization/group' } })
  await put({ resourceType: 'Organization', id: 'group', name: 'Group' })
  await put({ resourceType: 'Practitioner', id: 'd' })
  await put({ resourceType: 'Specimen', id: 's', type: { text: 'Blood' }, subject: a })
  await put({ ...composition('old'), section: [{ title: 'Old', entry: [{ reference: 'Observation/unrelated' }] }] })
  await put({
    ...composition('c'),
    encounter: { reference: `${server.origin}/fhir/R4/Encounter/e` },
    relatesTo: [{ code: 'replaces', targetReference: { reference: 'Composition/old' } }],
    section: [
      { title: 'Values', entry: [{ reference: 'Observation/o' }, { reference: 'Observation/nobody' }] },
      { title: 'Child', entry: [{ reference: 'Observation/of-b' }] },
    ],
  })
  await put({ resourceType: 'Encounter', id: 'e', status: 'finished', class: { code: 'AMB' }, subject: a })
  await put({
    ...observation('o', a, '2024-03-01'),
    derivedFrom: [{ reference: 'Observation/also-of-b' }, { reference: 'DocumentReference/x' }],
    performer: author,
  })
  await put({ ...observation('of-b', { reference: 'Patient/b' }, '2024-03-01') })
  await put({ ...observation('also-of-b', { reference: 'Patient/b' }, '2024-03-01') })
  await put(observation('unrelated', a, '2020-01-01'))
  await put({ ...observation('panel', a, '2024-03-01'), hasMember: [{ reference: 'Observation/member' }] })
  await put({ ...observation('member', a, '2024-03-01'), code: { text: 'Sodium <Na> & "salt"' } })
  await server.send('PUT', 'DiagnosticReport/r', {
    ...report('r'),
    resultsInterpreter: author,
    specimen: [{ reference: 'Specimen/s' }],
    result: [{ reference: 'Observation/panel' }, { reference: 'Observation/nobody' }],
    conclusion: 'No sign of <anything>',
    presentedForm: [{ contentType: 'application/pdf', title: 'As signed', url: 'Binary/f' }],
  })
  await put({ ...report('cancelled'), status: 'cancelled' })
  await put({ ...composition('gone') })
  await put({ ...composition('gone') }, { deleted: true })
})
afterAll(() => server.stop())

function composition(id: string): Sample {
  const common = { status: 'final', type: { text: 'Visit' }, date: '2024-03-02', title: 'Visit' }
  return { resourceType: 'Composition', id, ...common, subject: a, author }
}

function observation(id: string, subject: object, effectiveDateTime: string): Sample {
  const value = { value: 138, unit: 'mmol/L' }
  const common = { status: 'final', code: { text: 'Electrolytes' }, valueQuantity: value }
  return { resourceType: 'Observation', id, ...common, subject, effectiveDateTime }
}

function report(id: string): Sample {
  const times = { effectiveDateTime: '2024-03-01', issued: '2024-03-01T10:00:00Z' }
  return { resourceType: 'DiagnosticReport', id, status: 'final', code: { text: 'Blood' }, subject: a, ...times }
}

async function document(path: string): Promise<Document> {
  const { status, json, text } = await server.get(path)
  if (status !== 200) throw new Error(`${status} ${text}`)
  return json as Document
}

function parts({ entry = [] }: Bundle): string[] {
  return entry.map(({ resource }) => `${resource?.resourceType}/${resource?.id ?? 'made'}`)
}

test('a composition comes with all it refers to and what that refers to, the composition and its patient first', async () => {
  const bundle = await document('Composition/c/$document')
  expect(bundle).toMatchObject({
    resourceType: 'Bundle',
    type: 'document',
    identifier: { system: 'urn:ietf:rfc:3986' },
  })
  expect(parts(bundle)).toEqual([
    ...['Composition/c', 'Patient/a', 'Encounter/e', 'Observation/o', 'Observation/of-b'],
    ...['Organization/clinic', 'Organization/group', 'Practitioner/d'],
  ])
})

test('each part has the URL of its resource and the bytes that are stored, and no search or link', async () => {
  const { text } = await server.get('Composition/c/$document')
  const { text: stored } = await server.get('Observation/o')
  expect(text).toContain(`{"fullUrl":"${server.origin}/fhir/R4/Observation/o","resource":${stored}}`)
  expect(text).not.toContain('"search"')
  expect(text).not.toContain('"link"')
})

test('no document has the identifier of another', async () => {
  const [one, other] = [await document('Composition/c/$document'), await document('Composition/c/$document')]
  expect(one.identifier.value).toMatch(/^urn:uuid:/)
  expect(one.identifier.value).not.toBe(other.identifier.value)
})

test('what it replaces, parts of other patients that a part names, and what nobody may see stay outside', async () => {
  const bundle = await document('Composition/c/$document')
  expect(parts(bundle)).not.toContain('Composition/old')
  expect(parts(bundle)).not.toContain('Observation/also-of-b')
  expect(JSON.stringify(bundle)).toContain('Observation/nobody')
})

test('of the type, the composition is named by id or URL', async () => {
  for (const id of ['c', 'Composition/c', `${server.origin}/fhir/R4/Composition/c`]) {
    expect(parts(await document(`Composition/$document?id=${encodeURIComponent(id)}`))[0]).toBe('Composition/c')
  }
})

test('persist=true stores the document as a Bundle, which stays as it was', async () => {
  const { status, headers, json } = await server.send('POST', 'Composition/c/$document?persist=true')
  expect(status).toBe(200)
  const location = headers.get('location') ?? ''
  expect(location).toBe(`${server.origin}/fhir/R4/Bundle/${(json as Document).id}/_history/1`)
  expect((await server.get(location)).json).toEqual(json)
  expect(parts(json)[0]).toBe('Composition/c')
  expect(await server.methods(`Bundle/${(json as Document).id}`)).toEqual(['POST'])
})

test('a report becomes a composition with its results, conclusion, specimens and files, by the gateway', async () => {
  const bundle = await document('DiagnosticReport/r/$document')
  expect(parts(bundle)).toEqual([
    ...['Composition/made', 'DiagnosticReport/r', 'Patient/a', 'Observation/member', 'Observation/panel'],
    ...['Organization/clinic', 'Organization/group', 'Practitioner/d', 'Specimen/s', 'Device/made'],
  ])
  const [made] = bundle.entry ?? []
  const base = `${server.origin}/fhir/R4`
  expect(made?.resource).toMatchObject({
    ...{ status: 'final', date: '2024-03-01T10:00:00Z', title: 'Blood', subject: { reference: `${base}/Patient/a` } },
    author: [{ reference: `${base}/Practitioner/d` }, { reference: bundle.entry?.at(-1)?.fullUrl }],
  })
  const sections = made?.resource?.['section'] as Section[]
  expect(sections.map(({ title }) => title)).toEqual(['Results', 'Conclusion', 'Specimens', 'Files of the report'])
  expect(sections[0]?.entry?.map(({ reference }) => reference)).toEqual([
    ...[`${base}/DiagnosticReport/r`, `${base}/Observation/panel`, `${base}/Observation/nobody`],
  ])
  expect(sections[0]?.text?.div).toContain('<td>Sodium &lt;Na&gt; &amp; &quot;salt&quot;</td><td>138 mmol/L</td>')
  expect(sections[1]?.text?.div).toContain('No sign of &lt;anything&gt;')
})

test('a document of a report is valid R4, but for a result that it names and nobody has', async () => {
  const bundle = await document('DiagnosticReport/r/$document')
  const registry = registryOf(baseDefinitions())
  const terminology = terminologyOf(registry)
  const validator = validatorOf(registry, codeKnowledge(terminology))
  const found = [...validator.structure(bundle), ...validator.invariants(bundle)]
  expect(found.filter(({ severity }) => severity === 'error').map(({ message }) => message)).toEqual([
    'A document must have every resource that its Composition names, and one is not there.',
  ])
})

test.each([
  ['GET', 'Composition/nobody/$document', 404],
  ['GET', 'Composition/gone/$document', 410],
  ['GET', '/t/other/fhir/R4/Composition/c/$document', 404],
  ['GET', 'Composition/c/$document?graph=http://example.org/g', 400],
  ['GET', 'Composition/c/$document?persist=true', 405],
  ['GET', 'Composition/c/$document?id=c', 400],
  ['GET', 'Composition/$document', 400],
  ['GET', 'Composition/$document?id=http://elsewhere.example.org/fhir/Composition/c', 400],
  ['GET', 'DiagnosticReport/nobody/$document', 404],
  ['GET', 'DiagnosticReport/cancelled/$document', 422],
  ['GET', 'Patient/a/$document', 404],
])('%s %s is answered %i', async (method, path, status) => {
  expect((await server.send(method, path)).status).toBe(status)
})

test('a document of more than the limit is refused, and says what to do', async () => {
  const many = Array.from({ length: 45 }, (_, i) => `Observation/many-${i}`)
  for (const reference of many) await server.put(observation(reference.slice(12), a, '2024-01-01'))
  const entry = many.map((reference) => ({ reference }))
  await server.put({ ...composition('large'), section: [{ title: 'Many', entry }] })
  const { status, json } = await server.get('Composition/large/$document')
  expect(status).toBe(413)
  expect(json.issue?.[0]?.diagnostics).toContain('More than 39 resources')
})

test('a record of healthapi is a document with visit, diagnosis, doctor and patient', async () => {
  const clinic = await startSourceServer({ mappings: 'mappings', systems: ['healthapi'] })
  try {
    await clinic.load({
      'healthapi.Patient': [{ id: 5202, first_name: 'Oleg', last_name: 'Ivanov', date_of_birth: '1970-07-07' }],
      'healthapi.Doctor': [{ id: 5302, first_name: 'Mina', last_name: 'Sato' }],
      'healthapi.MedicalRecord': [
        { id: 5501, patient_id: 5202, doctor_id: 5302, visit_date: '2025-09-10', diagnosis: 'Tension headache' },
      ],
    })
    const { status, json } = await clinic.get('Composition/healthapi-5501/$document')
    expect(status).toBe(200)
    expect(parts(json)).toEqual([
      ...['Composition/healthapi-5501', 'Patient/healthapi-5202', 'Condition/healthapi-5501'],
      ...['Encounter/healthapi-5501', 'Practitioner/healthapi-5302'],
    ])
  } finally {
    await clinic.stop()
  }
})
