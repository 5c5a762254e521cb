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
