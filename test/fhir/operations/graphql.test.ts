/** `$graphql` over HTTP: what a query reads, what it costs, what it is refused for. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { GraphQLSchema, validateSchema } from 'graphql'
import { graphqlSchema } from '../../../src/fhir/graphql/schema.ts'
import { useSearchParameters } from '../../../src/r4/search-parameters.ts'
import { startFhirServer } from '../../support/fhir-server.ts'
import type { Answer, FhirServer } from '../../support/fhir-server.ts'

interface Result {
  readonly data?: Record<string, unknown> | null
  readonly errors?: readonly {
    readonly message: string
    readonly path?: readonly (string | number)[]
    readonly extensions?: { readonly resource: { readonly issue: readonly { readonly code: string }[] } }
  }[]
}

let server: FhirServer

beforeAll(async () => {
  server = await startFhirServer()
  await server.put({
    ...{ resourceType: 'Patient', id: 'p1', active: true, birthDate: '1980-02-29' },
    _birthDate: { extension: [{ url: 'http://x/time', valueString: 'noon' }] },
    name: [
      { use: 'official', family: 'Smith', given: ['Ann', 'Bea'] },
      { use: 'nickname', given: ['Annie'] },
    ],
    contained: [{ resourceType: 'Organization', id: 'o', name: 'Inner' }],
    managingOrganization: { reference: '#o' },
    generalPractitioner: [{ reference: 'Practitioner/d1' }],
  })
  await server.put({ resourceType: 'Practitioner', id: 'd1', name: [{ family: 'Who' }] })
  for (const id of ['p2', 'p3']) await server.put({ resourceType: 'Patient', id, name: [{ family: `Other-${id}` }] })
  for (const [index, value] of ['1.00', '2.50'].entries()) await server.put(observation(`b${index}`, 'p1', value))
  await server.put(observation('b9', 'p2', '7'))
})
afterAll(() => server.stop())

function observation(id: string, patient: string, value: string): { resourceType: string; id: string } {
  const { rawJSON } = JSON as unknown as { rawJSON: (text: string) => unknown }
  const resource = {
    ...{ resourceType: 'Observation', id, status: 'final', effectiveDateTime: `2024-01-0${id.slice(1)}` },
    code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
    subject: { reference: `Patient/${patient}` },
    performer: [{ reference: 'Practitioner/d1' }],
    valueQuantity: { value: rawJSON(value), unit: 'kg' },
  }
  return resource
}

async function ask(query: string, at = '$graphql', variables?: object): Promise<Answer & { result: Result }> {
  const body = JSON.stringify({ query, ...(variables && { variables }) })
  const answer = await server.get(at, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body })
  return { ...answer, result: answer.json as unknown as Result }
}

test('a patient with observations and practitioner comes in one call', async () => {
  const query = `{
    Patient(id: "p1") {
      id birthDate _birthDate { extension { url valueString } }
      name(use: "official") { family given }
      generalPractitioner { resource { ... on Practitioner { id name { family } } } }
      ObservationList(_reference: "subject", status: "final", _sort: "date") {
        id valueQuantity { value unit } performer { reference resource { __typename id } }
      }
    }
  }`
  const { status, headers, text, result } = await ask(query)
  expect(status).toBe(200)
  expect(headers.get('content-type')).toMatch(/^application\/json/)
  expect(result.errors).toBeUndefined()
  expect(result.data?.['Patient']).toMatchObject({
    ...{ id: 'p1', birthDate: '1980-02-29' },
    _birthDate: { extension: [{ url: 'http://x/time', valueString: 'noon' }] },
    name: [{ family: 'Smith', given: ['Ann', 'Bea'] }],
    generalPractitioner: [{ resource: { id: 'd1', name: [{ family: 'Who' }] } }],
    ObservationList: [
      { id: 'b0', performer: [{ reference: 'Practitioner/d1', resource: { __typename: 'Practitioner', id: 'd1' } }] },
      { id: 'b1' },
    ],
  })
  expect(text).toContain('"value":1.00,')
})

test('a resource is asked itself, with GET too', async () => {
  const query = 'query Q($use: code) { name(use: $use) { given } __typename }'
  const { result } = await ask(query, 'Patient/p1/$graphql', { use: 'nickname' })
  expect(result).toEqual({ data: { name: [{ given: ['Annie'] }], __typename: 'Patient' } })
  const got = await server.get(`Patient/p1/$graphql?query=${encodeURIComponent('{ id }')}`)
  expect(got.json).toEqual({ data: { id: 'p1' } })
})

test('application/graphql is a query alone', async () => {
  const headers = { 'Content-Type': 'application/graphql' }
  const { json } = await server.get('$graphql', { method: 'POST', headers, body: '{ Patient(id: "p2") { id } }' })
  expect(json).toEqual({ data: { Patient: { id: 'p2' } } })
})

test('a contained resource is followed to', async () => {
  const { result } = await ask(
    '{ Patient(id: "p1") { managingOrganization { resource { ... on Organization { name } } } } }',
  )
  expect(result.data).toEqual({ Patient: { managingOrganization: { resource: { name: 'Inner' } } } })
})

test('a search takes parameters, and a connection has pages', async () => {
  const first = await ask(
    '{ PatientConnection(_count: 2, _sort: "_id", _total: "accurate") { count next edges { mode resource { id } } } }',
  )
  const page = first.result.data?.['PatientConnection'] as { count: number; next: string; edges: unknown }
  expect(page.count).toBe(3)
  expect(page.edges).toEqual([
    { mode: 'match', resource: { id: 'p1' } },
    { mode: 'match', resource: { id: 'p2' } },
  ])
  const query = `{ PatientConnection(_count: 2, _sort: "_id", _total: "accurate", _cursor: "${page.next}") { next edges { resource { id } } } }`
  const second = await ask(query)
  expect(second.result.data).toEqual({ PatientConnection: { next: null, edges: [{ resource: { id: 'p3' } }] } })
  const found = await ask('{ ObservationList(patient: ["p1"], value_quantity: ["gt2"]) { id } }')
  expect(found.result.data).toEqual({ ObservationList: [{ id: 'b1' }] })
})

test('what is not there is an error of its field with an OperationOutcome, and the rest is answered', async () => {
  const { status, result } = await ask('{ Patient(id: "nobody") { id } Practitioner(id: "d1") { id } }')
  expect(status).toBe(200)
  expect(result.data).toEqual({ Patient: null, Practitioner: { id: 'd1' } })
  expect(result.errors?.[0]).toMatchObject({
    message: 'There is no Patient with this id.',
    path: ['Patient'],
    extensions: { resource: { issue: [{ code: 'not-found' }] } },
  })
})

test('an unknown search value is refused as a search refuses it', async () => {
  const { result } = await ask('{ PatientList(birthdate: ["soon"]) { id } }')
  expect(result.errors?.[0]?.extensions?.resource.issue[0]?.code).toBe('invalid')
})

test.each([
  ['a text that is no query', '{ Patient(id: "p1") {', 400],
  ['a field that is not there', '{ Patient(id: "p1") { shoeSize } }', 400],
  ['a mutation', 'mutation { PatientCreate { id } }', 400],
  ['fragments in a circle', '{ Patient(id: "p1") { ...a } } fragment a on Patient { ...a }', 413],
  [
    'depth',
    `{ Patient(id: "p1") ${'{ contact { organization { resource { ... on Organization { partOf { resource '.repeat(3)}{ id }${' } } } } } }'.repeat(3)} }`,
    413,
  ],
  ['aliases', `{ ${Array.from({ length: 51 }, (_, index) => `a${index}: Patient(id: "p1") { id }`).join(' ')} }`, 413],
  [
    'too many resources',
    '{ PatientList(_count: 1000) { ObservationList(_reference: "subject", _count: 1000) { ObservationList(_reference: "focus", _count: 1000) { id } } a: ObservationList(_reference: "subject", _count: 1000) { id } b: ObservationList(_reference: "subject", _count: 1000) { id } c: ObservationList(_reference: "subject", _count: 1000) { id } d: ObservationList(_reference: "subject", _count: 1000) { id } } }',
    413,
  ],
])('%s is refused', async (_what, query, status) => {
  const answer = await ask(query)
  expect(answer.json.resourceType).toBe('OperationOutcome')
  expect(answer.status).toBe(status)
})

test('a page of 100 does not make 100 queries', async () => {
  const ids = Array.from({ length: 100 }, (_, index) => `many${index}`)
  for (const id of ids) {
    await server.put({
      resourceType: 'Patient',
      id,
      active: false,
      generalPractitioner: [{ reference: `Practitioner/g${id}` }],
    })
    await server.put({ resourceType: 'Practitioner', id: `g${id}` })
  }
  const database = server.store.client.db(server.store.resources.dbName)
  await database.command({ profile: 2 })
  const query =
    '{ PatientList(active: ["false"], _count: 100) { id generalPractitioner { resource { id } } ObservationList(_reference: "subject") { id } } }'
  const { result } = await ask(query)
  await database.command({ profile: 0 })
  expect(result.errors).toBeUndefined()
  expect(result.data?.['PatientList']).toHaveLength(100)
  const commands = await database.collection('system.profile').countDocuments({
    ...{ ns: server.store.resources.namespace, op: { $in: ['query', 'command'] } },
  })
  expect(commands).toBeGreaterThan(2)
  expect(commands).toBeLessThanOrEqual(12)
}, 30_000)

test('the schema is one that GraphQL allows', () => {
  expect(validateSchema(new GraphQLSchema({ ...graphqlSchema().toConfig(), assumeValid: false }))).toEqual([])
})

test('a search parameter that is put in use is taken by fields from then on', () => {
  const own = { url: 'http://x/shoe', code: 'shoe-size', type: 'number' as const, base: ['Patient'] }
  const list = (): object | undefined => graphqlSchema().getQueryType()?.getFields()['PatientList']
  expect(list()).not.toMatchObject(takesShoeSize)
  useSearchParameters([{ ...own, expression: 'Patient.extension.valueDecimal' }])
  try {
    expect(list()).toMatchObject(takesShoeSize)
  } finally {
    useSearchParameters([])
  }
  expect(list()).not.toMatchObject(takesShoeSize)
})
const takesShoeSize = { args: expect.arrayContaining([expect.objectContaining({ name: 'shoe_size' })]) as unknown }

test('the schema tells of itself', async () => {
  const { result } = await ask('{ __type(name: "Patient") { fields { name } } }')
  expect(JSON.stringify(result.data)).toContain('"birthDate"')
})
