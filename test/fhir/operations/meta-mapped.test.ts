/** $meta-add and $meta-delete of a resource that is made of source rows. */
import { createSecretKey, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { anybodyIn } from '../../../src/access/caller.ts'
import { fhirHandler } from '../../../src/fhir/router.ts'
import type { FhirHandler } from '../../../src/http/answer.ts'
import { Deadline } from '../../../src/kernel/deadline.ts'
import { defaultLimits } from '../../../src/kernel/limits.ts'
import { registryOf } from '../../../src/r4/registry.ts'
import { searchState } from '../../../src/store/indexing.ts'
import { resourceReader } from '../../../src/store/resource-reader.ts'
import { files, openClinic, testPlan, uniqueDatabases } from '../../projection/clinic.ts'
import type { Clinic } from '../../projection/clinic.ts'

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

interface Labels {
  readonly tag?: readonly { readonly code: string }[]
  readonly lastUpdated: string
  readonly versionId: string
  readonly source?: string
}

async function ask(operation: string, valueMeta?: object): Promise<Labels> {
  const parameters = { resourceType: 'Parameters', parameter: [{ name: 'meta', valueMeta }] }
  const answer = await handle({
    ...{ method: valueMeta ? 'POST' : 'GET', path: ['Patient', 'c-p1', operation], query: [] },
    ...{ base: 'http://127.0.0.1/fhir/R4', tenant: 'default', caller: anybodyIn('default') },
    deadline: new Deadline(10_000),
    ...(valueMeta && { body: JSON.stringify(parameters) }),
    header: (name) => (name === 'content-type' ? 'application/fhir+json' : undefined),
  })
  expect(answer.status).toBe(200)
  return (JSON.parse(answer.body?.toString() ?? '') as { parameter: { valueMeta: Labels }[] }).parameter[0]
    ?.valueMeta as Labels
}

test('a tag is kept beside the row, which stays as it is, and what the gateway says stays', async () => {
  const before = await ask('$meta')
  const row = await clinic.table('people').findOne({ id: 'p1' })
  const tag = { system: 'urn:t', code: 'follow-up' }
  const added = await ask('$meta-add', { tag: [tag] })
  expect(added.tag).toEqual([tag])
  expect(added.source).toBe(before.source)
  expect(added.versionId).toBe('2')
  expect(await clinic.table('people').findOne({ id: 'p1' })).toEqual(row)
  const removed = await ask('$meta-delete', { tag: [tag] })
  expect(removed).toEqual({ ...before, versionId: '3', lastUpdated: removed.lastUpdated })
})
