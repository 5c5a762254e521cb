/** `_lastUpdated` as criterion and as order: what is walked along the versions is what a look at every resource gives. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { ResourceDocument, VersionDocument } from '../../../src/store/documents.ts'
import { documentsOf, type FhirServer, idsOf, startFhirServer } from '../../support/fhir-server.ts'

let server: FhirServer
beforeAll(async () => {
  server = await startFhirServer()
}, 30_000)
afterAll(() => server.stop())

const DAY = Date.UTC(2025, 0, 1)

interface Resource {
  readonly status: 'final' | 'amended'
  readonly isDeleted: boolean
  /** minutes of the day at which its versions were made */
  readonly times: readonly number[]
}

const resource: fc.Arbitrary<Resource> = fc.record({
  status: fc.constantFrom('final', 'amended'),
  isDeleted: fc.boolean(),
  times: fc.uniqueArray(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 5 }),
})

/** Some ids begin with others, and have `.` and `-` next, which sort before `/`. */
const idOf = (index: number): string =>
  `o${index % 10}${['', '.a', '-b', '0'][Math.floor(index / 10) % 4]!}${index >= 40 ? `.${index}` : ''}`

const time = (minute: number): string => new Date(DAY + minute * 60_000).toISOString()

async function store(tenant: string, resources: readonly Resource[]): Promise<void> {
  const documents: ResourceDocument[] = []
  const versions: VersionDocument[] = []
  for (const [index, { status, isDeleted, times }] of resources.entries()) {
    const made = times
      .toSorted((a, b) => a - b)
      .map((minute, version) =>
        documentsOf(
          { resourceType: 'Observation', id: idOf(index), status },
          { tenant, at: time(minute), deleted: isDeleted && version === times.length - 1 },
          version + 1,
        ),
      )
    versions.push(...made.map(({ version }) => version))
    documents.push(made.at(-1)!.document)
  }
  await server.store.tenants.insertOne({ _id: tenant, instance: 'q', key: tenant, name: tenant })
  await server.store.resources.insertMany(documents)
  await server.store.versions.insertMany(versions)
}

const fits: Readonly<Record<string, (updated: number, asked: number) => boolean>> = {
  gt: (a, b) => a > b,
  ge: (a, b) => a >= b,
  lt: (a, b) => a < b,
  le: (a, b) => a <= b,
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  sa: (a, b) => a > b,
  eb: (a, b) => a < b,
}

interface Asked {
  /** all must hold; of each, any */
  readonly times: readonly (readonly (readonly [prefix: string, minute: number])[])[]
  readonly status: string | undefined
  readonly sort: string | undefined
  readonly count: number
}

const value = fc.tuple(fc.constantFrom(...Object.keys(fits)), fc.integer({ min: 0, max: 9 }))
const asked: fc.Arbitrary<Asked> = fc.record({
  times: fc.array(fc.array(value, { minLength: 1, maxLength: 2 }), { maxLength: 2 }),
  status: fc.constantFrom(undefined, 'status=final', 'status:not=final'),
  sort: fc.constantFrom(
    undefined,
    '_lastUpdated',
    '-_lastUpdated',
    '-_lastUpdated,-_id',
    'status',
    '_lastUpdated,-status',
  ),
  count: fc.integer({ min: 1, max: 60 }),
})

/** Instants are told to the second, which stands for all of it: here a version is made at its beginning. */
function queryOf({ times, status, sort, count }: Asked): string {
  const values = times.map((any) => `_lastUpdated=${any.map(([prefix, minute]) => prefix + time(minute)).join(',')}`)
  return [...values, status, sort && `_sort=${sort}`, `_count=${count}`].filter(Boolean).join('&')
}

function isMeant({ times, status }: Asked, each: Resource): boolean {
  const updated = Math.max(...each.times)
  const isInTime = times.every((any) => any.some(([prefix, minute]) => fits[prefix]!(updated, minute)))
  return (
    !each.isDeleted && isInTime && (status === undefined || (each.status === 'final') === (status === 'status=final'))
  )
}

test('every prefix, alternatives and several criteria, any order: each match once over all pages, and counted', async () => {
  let tenants = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(resource, { minLength: 1, maxLength: 150 }),
      fc.array(asked, { minLength: 6, maxLength: 6 }),
      async (resources, queries) => {
        const tenant = `t${tenants++}`
        await store(tenant, resources)
        for (const query of queries) {
          const path = `/t/${tenant}/fhir/R4/Observation?${queryOf(query)}`
          const pages = await server.pages(path)
          const found = pages.flatMap(idsOf)
          const meant = resources.flatMap((each, index) => (isMeant(query, each) ? [idOf(index)] : []))
          expect({ path, found: found.toSorted() }).toEqual({ path, found: meant.toSorted() })
          expect({ path, totals: pages.map(({ total }) => total) }).toEqual({
            path,
            totals: pages.map(() => meant.length),
          })
          const updated = pages
            .flatMap(({ entry = [] }) => entry)
            .map(({ resource: each }) => (each?.['meta'] as { lastUpdated: string }).lastUpdated)
          const ascending = updated.toSorted()
          if (query.sort?.startsWith('_last')) expect({ path, updated }).toEqual({ path, updated: ascending })
          if (query.sort?.startsWith('-_last'))
            expect({ path, updated }).toEqual({ path, updated: ascending.toReversed() })
        }
      },
    ),
    { numRuns: 15 },
  )
}, 120_000)

test('what changes between pages stays where it was, since all pages are of one moment', async () => {
  const still = Array.from({ length: 6 }, (_, index): Resource => ({
    status: 'final',
    isDeleted: false,
    times: [index],
  }))
  await store('moving', still)
  const first = (await server.get('/t/moving/fhir/R4/Observation?_sort=_lastUpdated&_count=3')).json
  await server.put({ resourceType: 'Observation', id: 'o1', status: 'final' }, { tenant: 'moving', at: time(20) })
  await server.put({ resourceType: 'Observation', id: 'o4', status: 'final' }, { tenant: 'moving', at: time(21) })
  await server.put(
    { resourceType: 'Observation', id: 'o3', status: 'final' },
    { tenant: 'moving', at: time(22), deleted: true },
  )
  const rest = (await server.pages(first.link?.[1]?.url ?? '')).flatMap(idsOf)
  expect([idsOf(first), rest]).toEqual([
    ['o0', 'o1', 'o2'],
    ['o3', 'o4', 'o5'],
  ])
})

/** As a monitor does that writes the same few resources all day, before and after the others were made. */
test('where most versions are not current any more, the walk ends and every resource is looked at', async () => {
  const tenant = 'busy'
  await store(
    tenant,
    Array.from({ length: 30 }, (_, index): Resource => ({
      status: 'final',
      isDeleted: false,
      times: [5 + (index % 3)],
    })),
  )
  const version = (await server.store.versions.findOne({ t: tenant }))!
  const old = (minute: number) =>
    Array.from({ length: 21_000 }, (_, v) => ({
      ...version,
      _id: `${tenant}/Observation/o0/${String(minute + 1).padStart(4, '0')}${String(v).padStart(6, '0')}`,
      u: new Date(DAY + minute * 60_000 + v),
    }))
  await server.store.versions.insertMany([...old(0), ...old(100)])
  for (const sort of [
    '_sort=_lastUpdated',
    '_sort=-_lastUpdated',
    '_lastUpdated=gt2024&_sort=status',
    '_lastUpdated=gt2024',
  ]) {
    const pages = await server.pages(`/t/${tenant}/fhir/R4/Observation?${sort}&_count=7`)
    expect({ sort, found: new Set(pages.flatMap(idsOf)).size, total: pages[0]?.total }).toEqual({
      sort,
      found: 30,
      total: 30,
    })
  }
}, 60_000)

test('a chain asks for the time of the other end', async () => {
  await server.put({ resourceType: 'Patient', id: 'early' }, { at: '2025-01-01T00:00:00Z' })
  await server.put({ resourceType: 'Patient', id: 'late' }, { at: '2025-03-01T00:00:00Z' })
  for (const id of ['early', 'late']) {
    await server.put({ resourceType: 'Observation', id: `of-${id}`, subject: { reference: `Patient/${id}` } })
  }
  expect(await server.ids('Observation?patient._lastUpdated=gt2025-02-01')).toEqual(['of-late'])
  expect(await server.ids('Observation?patient._lastUpdated=lt2025-02-01')).toEqual(['of-early'])
})
