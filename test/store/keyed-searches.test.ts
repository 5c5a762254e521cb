/** Searches that share a command find what each finds by itself. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { everythingOf } from '../../src/access/permit.ts'
import type { Permit } from '../../src/access/permit.ts'
import { resourceReader, type ResourceReader } from '../../src/store/resource-reader.ts'
import type { Page } from '../../src/store/search-reader.ts'
import { documentsOf, type FhirServer, startFhirServer } from '../support/fhir-server.ts'

let server: FhirServer
let reader: ResourceReader
beforeAll(async () => {
  server = await startFhirServer()
  reader = resourceReader(server.store)
})
afterAll(() => server.stop())

const tenants = ['default', 'north']
const types = ['Patient', 'Basic']
const ids = ['a', 'b', 'c', 'd', 'ä']
const LABEL = { system: 'urn:l', code: 'x' }
const keys = ['x=1', 'x=2', 'y=1', 'y=22', 'عين=1', '_security=urn:l|x']

const some = <T>(of: readonly T[]): fc.Arbitrary<T[]> => fc.subarray([...of], { minLength: 1 })
const oneOrSome = (of: readonly string[]): fc.Arbitrary<unknown> =>
  fc.oneof(
    fc.constantFrom(...of),
    some(of).map((list) => ({ $in: list })),
  )
const places = some(tenants.flatMap((tenant) => types.map((type) => `${tenant}/${type}`)))

/** Everything but what has the label. */
function denying(tenant: string): Permit {
  return { tenant, rules: [{ type: '*', letters: 'cruds', where: [] }], denials: [{ labels: [LABEL] }] }
}

const filter = fc
  .record({ places, lead: oneOrSome(keys), other: oneOrSome(keys), named: some(ids), form: fc.nat({ max: 4 }) })
  .map(({ places, lead, other, named, form }) => {
    const tt = { $in: places }
    const _id = { $in: places.flatMap((place) => named.map((id) => `${place}/${id}`)) }
    const tried = { $nor: [{ $nor: [{ k: other }] }] }
    const forms = [
      { $and: [{ tt }, { k: lead }] },
      { $and: [{ tt }, { k: lead }, tried] },
      { $and: [{ deleted: false, tt }, { _id }] },
      { $and: [{ tt }, { k: lead }, { _id }] },
      { $and: [{ tt }, { k: lead }, { $nor: [{ k: other }] }] },
    ]
    return forms[form] as Page['filter']
  })

const page = fc.record({
  filter,
  limit: fc.constantFrom(1, 2, 100),
  fields: fc.constantFrom<string[]>([], ['k']),
  permit: fc
    .tuple(fc.constantFrom(...tenants), fc.boolean())
    .map(([tenant, isDenied]) => (isDenied ? denying(tenant) : everythingOf(tenant))),
})

const world = fc.array(fc.record({ k: fc.subarray(keys), deleted: fc.boolean() }), {
  minLength: tenants.length * types.length * ids.length,
  maxLength: tenants.length * types.length * ids.length,
})

test('many at once find what one after the other finds, of all types and tenants', async () => {
  const { resources } = server.store
  await fc.assert(
    fc.asyncProperty(world, fc.array(page, { minLength: 1, maxLength: 40 }), async (made, pages) => {
      const names = tenants.flatMap((tenant) => types.flatMap((type) => ids.map((id) => ({ tenant, type, id }))))
      const documents = names.map(({ tenant, type, id }, index) => {
        const { k = [], deleted = false } = made[index] ?? {}
        const { document } = documentsOf({ resourceType: type, id }, { tenant, deleted })
        return { ...document, k: deleted ? [] : k }
      })
      await resources.deleteMany({})
      await resources.insertMany(documents)
      const found = (few: boolean) => (asked: (typeof pages)[number]) =>
        reader.atMoment(undefined, async (there) => {
          const all = await there.find(asked.permit, { ...asked, sort: { _id: 1 }, few })
          return all.map(({ _id, v, body, k }) => [_id, v, body.toString(), asked.fields.includes('k') && k])
        })
      const together = await Promise.all(pages.map(found(true)))
      for (const [index, asked] of pages.entries()) expect(together[index]).toEqual(await found(false)(asked))
    }),
    { numRuns: 40 },
  )
}, 60_000)

test('what is implied by a search is not asked again, and what only looks so is told by its keys', async () => {
  const { store } = server
  const base = 'http://localhost/fhir/R4'
  const observation = (id: string, subject: string, performer: string) => {
    const of = [{ reference: performer }]
    return documentsOf({ resourceType: 'Observation', id, subject: { reference: subject }, performer: of }).document
  }
  await store.resources.deleteMany({})
  await store.resources.insertMany([
    observation('own', 'Patient/1', 'Practitioner/1'),
    observation('absolute', `${base}/Patient/1`, 'Practitioner/1'),
    observation('performed', `${base}/Patient/1`, 'Patient/1'),
    observation('other', 'Patient/2', 'Practitioner/1'),
    observation('both', 'Patient/2', 'Patient/1'),
  ])
  const rules = (patient: string) => [{ type: '*', letters: 'rs', patients: [patient], where: [] }]
  const found = (patient: string, asked: readonly string[]) =>
    reader.atMoment(undefined, async (there) => {
      const k = { $in: asked.flatMap((id) => [`patient=Patient/${id}`, `patient=${base}/Patient/${id}`]) }
      const filter = { $and: [{ tt: 'default/Observation' }, { k }] }
      const page = { filter, sort: { _id: 1 as const }, limit: 10, fields: [], few: true }
      const all = await there.find({ tenant: 'default', rules: rules(patient) }, page)
      return all.map(({ _id }) => _id.split('/')[2]).join(' ')
    })
  const asked: readonly [patient: string, asked: readonly string[], expected: string][] = [
    ['1', ['1'], 'own performed'],
    ['1', ['2'], 'both'],
    ['1', ['1', '2'], 'both own performed'],
    ['2', ['1'], ''],
    ['2', ['1', '2'], 'both other'],
  ]
  const answers = await Promise.all(asked.map(([patient, ids]) => found(patient, ids)))
  expect(answers).toEqual(asked.map(([, , expected]) => expected))
})
