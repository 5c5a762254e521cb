/** $lineage over rows of a small clinic, written by its own program and by FHIR clients. */
import { createSecretKey, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { anybodyIn } from '../../../src/access/caller.ts'
import { fhirHandler } from '../../../src/fhir/router.ts'
import type { Answer, FhirHandler } from '../../../src/http/answer.ts'
import { GatewayError } from '../../../src/kernel/errors.ts'
import { Deadline } from '../../../src/kernel/deadline.ts'
import { defaultLimits } from '../../../src/kernel/limits.ts'
import { registryOf } from '../../../src/r4/registry.ts'
import { structureProblems } from '../../../src/r4/structure.ts'
import { searchState } from '../../../src/store/indexing.ts'
import { resourceReader } from '../../../src/store/resource-reader.ts'
import { bodyOf, files, openClinic, testPlan, uniqueDatabases } from '../../projection/clinic.ts'
import type { Clinic } from '../../projection/clinic.ts'

interface Parameter {
  readonly name: string
  readonly part?: readonly Parameter[]
  readonly resource?: object
  readonly [value: `value${string}`]: unknown
}

let clinic: Clinic
let handle: FhirHandler

beforeAll(async () => {
  const databases = uniqueDatabases()
  clinic = await openClinic(databases)
  const writable = files['clinic/patient.yaml']?.replace('key: p.id', 'direction: rw\nkey: p.id') ?? ''
  const plan = testPlan(databases, { 'clinic/patient.yaml': writable })
  handle = fhirHandler({
    reader: resourceReader(clinic.store),
    searchState: searchState(clinic.store),
    writeBack: { store: clinic.store, plan, routing: {} },
    pageKey: createSecretKey(randomBytes(32)),
    profiles: new Map(),
    registry: registryOf(),
    limits: defaultLimits,
    fileTypes: ['*/*'],
  })
  await clinic.work(plan)
  await clinic.table('accounts').insertOne({ id: 'a1', phone: '+1 2' })
  await clinic.table('people').insertOne({ id: 'p1', account: 'a1', name: 'Anna', born: '1980-02-29' })
  await clinic.settle()
})
afterAll(() => clinic.close())

function ask(method: string, path: string, body?: object): Promise<Answer> {
  return handle({
    method,
    path: path.split('/'),
    query: [],
    base: 'http://127.0.0.1/fhir/R4',
    tenant: 'default',
    caller: anybodyIn('default'),
    deadline: new Deadline(10_000),
    ...(body && { body: JSON.stringify(body) }),
    header: (name) => (name === 'content-type' && body ? 'application/fhir+json' : undefined),
  })
}

async function lineageOf(path: string): Promise<readonly Parameter[]> {
  const answer = await ask('GET', `${path}/$lineage`)
  expect(answer.status).toBe(200)
  const parameters = JSON.parse(answer.body?.toString() ?? '') as { parameter: Parameter[] }
  expect(structureProblems(parameters)).toEqual([])
  return parameters.parameter
}

/** The parts of an element as an object: `column.field`, `written.by`, … */
function element(parameters: readonly Parameter[], path: string): Record<string, unknown> {
  const found = parameters.find(({ name, part }) => name === 'element' && part?.[0]?.['valueString'] === path)
  return flat(found?.part ?? [], '')
}

function flat(parts: readonly Parameter[], start: string): Record<string, unknown> {
  return Object.assign(
    {},
    ...parts.map(({ name, part, ...values }) =>
      part ? flat(part, `${start}${name}.`) : { [start + name]: Object.values(values)[0] },
    ),
  ) as Record<string, unknown>
}

test('an element names its row, field, rule with file and line, mapping and version', async () => {
  const parameters = await lineageOf('Patient/c-p1')
  expect(parameters[0]).toEqual({
    name: 'resource',
    valueReference: { reference: 'Patient/c-p1/_history/1' },
  })
  expect(flat(parameters[1]?.part ?? [], '')).toEqual({
    name: 'clinic/patient',
    version: expect.stringMatching(/^[0-9a-f]{16}$/) as unknown,
  })
  expect(element(parameters, 'Patient.birthDate')).toEqual({
    path: 'Patient.birthDate',
    origin: 'column',
    'column.system': 'clinic',
    'column.collection': 'people',
    'column.key': 'p1',
    'column.field': 'born',
    'rule.text': '{ fhir: birthDate, field: p.born, codec: date }',
    'rule.file': 'clinic/patient.yaml',
    'rule.line': 12,
    'rule.codec': 'date',
    'rule.direction': 'read-write',
    'written.version': '1',
    'written.at': expect.any(String) as unknown,
  })
  expect(element(parameters, 'Patient.telecom[0].value')).toMatchObject({
    'column.collection': 'accounts',
    'column.key': 'a1',
  })
  expect(element(parameters, 'Patient.meta.versionId')['origin']).toBe('gateway')
})

test('what a client changed or added shows as the client’s, what the clinic changed later as the clinic’s', async () => {
  const current = bodyOf(await clinic.store.resources.findOne({ _id: 'default/Patient/c-p1' }))
  const sent = { ...current, name: [{ text: 'Anna B' }], photo: [{ url: 'https://example.org/p.png' }] }
  expect((await ask('PUT', 'Patient/c-p1', sent)).status).toBe(200)
  await clinic.table('people').updateOne({ id: 'p1' }, { $set: { born: '1980-03-01' } })
  await clinic.until('default/Patient/c-p1', (found) => bodyOf(found)['birthDate'] === '1980-03-01')
  const parameters = await lineageOf('Patient/c-p1')
  const written = (path: string): unknown[] => {
    const found = element(parameters, path)
    return [found['origin'], found['written.version'], found['written.by']]
  }
  expect(written('Patient.name[0].text')).toEqual(['column', '2', 'anonymous'])
  expect(written('Patient.photo[0].url')).toEqual(['client', '2', 'anonymous'])
  expect(written('Patient.birthDate')).toEqual(['column', '3', undefined])
  expect(written('Patient.telecom[0].value')).toEqual(['column', '1', undefined])
  expect(parameters.flatMap(({ resource }) => resource ?? [])).toEqual([
    {
      resourceType: 'Provenance',
      target: [{ reference: 'Patient/c-p1/_history/2' }],
      recorded: element(parameters, 'Patient.name[0].text')['written.at'],
      activity: {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-DataOperation', code: 'UPDATE' }],
      },
      agent: [{ who: { display: 'anonymous' } }],
    },
  ])
})

test('a change that is not projected yet is waited for', async () => {
  await clinic.table('people').updateOne({ id: 'p1' }, { $set: { name: 'Anna C' } })
  const parameters = await lineageOf('Patient/c-p1')
  expect(element(parameters, 'Patient.name[0].text')).toMatchObject({ origin: 'column', 'written.version': '4' })
})

test('a resource that no source owns is all its writer’s', async () => {
  const created = await ask('POST', 'Basic', { resourceType: 'Basic', code: { text: 'note' } })
  expect(created.status).toBe(201)
  const { id } = JSON.parse(created.body?.toString() ?? '') as { id: string }
  const parameters = await lineageOf(`Basic/${id}`)
  expect(parameters.map(({ name }) => name)).not.toContain('mapping')
  expect(element(parameters, 'Basic.code.text')).toMatchObject({ origin: 'client', 'written.by': 'anonymous' })
})

test('what is not there, what is no operation and other methods are answered as everywhere', async () => {
  const codes = await Promise.all(
    [
      ['GET', 'Patient/nobody/$lineage'],
      ['GET', 'Patient/c-p1/$spell'],
      ['GET', 'Patient/c-p1/$lineage/more'],
      ['DELETE', 'Patient/c-p1/$lineage'],
    ].map(([method = '', path = '']) =>
      ask(method, path).then(
        ({ status }) => status,
        (error: unknown) => (error instanceof GatewayError ? error.status : error),
      ),
    ),
  )
  expect(codes).toEqual([404, 404, 404, 405])
  await clinic.table('people').insertOne({ id: 'p2', name: 'Ben', gone: new Date() })
  await clinic.until('default/Patient/c-p2', (found) => found?.deleted === true)
  await expect(ask('GET', 'Patient/c-p2/$lineage')).rejects.toMatchObject({ code: 'GW_GONE' })
})
