/** Searches along the index of lists: they find what the other ways find, in the same order, page by page. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { LISTS } from '../../../src/r4/lists.ts'
import { documentsOf, type FhirServer, idsOf, type Sample, startFhirServer } from '../../support/fhir-server.ts'
import { dice } from '../../support/generated-world.ts'

const many = 400
const roll = dice(11)
const pick = <T>(from: readonly T[]): T => from[Math.floor(roll() * from.length)] as T
/** Few, so that many are equal. */
const instants = Array.from({ length: 40 }, (_, at) => new Date(Date.UTC(2026, 2, 2) + at * 3_600_000).toISOString())
const dates = [
  '2025',
  '2026-03',
  '2026-03-02',
  '2026-03-03T10:00:00Z',
  '2026-02-28T23:59:59.999Z',
  '2026-03-02T08:00:00Z',
]

const samples = Array.from({ length: many }, (_, at): Sample[] => [
  {
    ...{ resourceType: 'Appointment', id: `a${at}` },
    status: pick(['booked', 'booked', 'proposed', 'pending', 'waitlist']),
    ...(roll() < 0.8 && { start: pick(instants) }),
    participant: [
      { actor: { reference: `Patient/${pick([1, 2, 3])}` }, status: 'accepted' },
      { actor: { reference: `Practitioner/${pick([1, 2])}` }, status: 'accepted' },
    ],
  },
  {
    ...{ resourceType: 'Observation', id: `o${at}`, status: pick(['final', 'amended']) },
    category: [{ coding: [{ system: 'http://a.b', code: pick(['lab', 'vital']) }] }],
    subject: { reference: `Patient/${pick([1, 2, 3])}` },
    ...pick<object>([
      {},
      { effectiveDateTime: pick(dates) },
      { effectivePeriod: { start: pick(dates), end: pick(dates) } },
      { effectivePeriod: { end: pick(dates) } },
      { effectivePeriod: { start: pick(dates) } },
    ]),
  },
]).flat()

const searches = [
  ...['', '&_sort=date', '&_sort=-date', '&_sort=-date&_total=none', '&_sort=status,-date'].flatMap((order) => [
    `Appointment?status:not=waitlist${order}`,
    `Appointment?practitioner=Practitioner/1${order}`,
    `Appointment?actor=Practitioner/1&patient=2&status=booked${order}`,
    `Appointment?status=proposed,pending${order}`,
    `Appointment?practitioner=1&date=ge2026-03-02T04:00:00Z&date=lt2026-03-03${order}`,
    `Appointment?date=sa2026-03-01&date=lt2026-03-03&status:not=waitlist${order}`,
    `Appointment?date=2026-03-02,2026-03-03${order}`,
    `Appointment?date=gt2026-03-02&date=le2026-03-03T11:00:00Z&patient=1${order}`,
    `Appointment?date:missing=true&practitioner=2${order}`,
    `Appointment?_filter=patient re Patient/1 or practitioner re Practitioner/2${order}`,
    `Observation?category=http://a.b|lab${order}`,
    `Observation?category=http://a.b|lab&status=final${order}`,
    `Observation?category=lab&patient=1${order}`,
    `Observation?patient=1,2&date=ge2026-03-01&date=lt2026-03-03${order}`,
    `Observation?category=http://a.b|lab&date=ap2026-03-02${order}`,
    `Observation?patient=1&date=ne2026-03-02&date=eb2026-03-03${order}`,
  ]),
]

async function started(areBuilt: boolean): Promise<FhirServer> {
  const server = await startFhirServer()
  const { store } = server
  await store.resources.insertMany(samples.map((sample) => documentsOf(sample).document))
  await store.versions.insertMany(samples.map((sample) => documentsOf(sample).version))
  if (!areBuilt) {
    await store.indexing.updateMany({}, { $unset: { [`ready.${LISTS}`]: 1 } })
    await store.resources.updateMany({}, { $unset: { s: 1, w: 1 } })
  }
  await store.db.setProfilingLevel('all')
  return server
}

let server: FhirServer
/** As it is until the keys of lists are built. */
let other: FhirServer
beforeAll(async () => {
  server = await started(true)
  other = await started(false)
}, 60_000)
afterAll(async () => {
  await server.stop()
  await other.stop()
})

async function whole(from: FhirServer, search: string): Promise<string[]> {
  return (await from.pages(`${search}&_count=17`)).flatMap(idsOf)
}

async function indexesOf({ store }: FhirServer): Promise<Set<string>> {
  const found = await store.db
    .collection('system.profile')
    .find({ ns: store.resources.namespace, planSummary: /^IXSCAN/ })
    .toArray()
  return new Set(found.map(({ planSummary }) => String(planSummary)))
}

describe('what is found along lists', () => {
  test.each(searches)('%s', async (search) => {
    const found = await whole(server, search)
    expect(found).toEqual(await whole(other, search))
    expect(found.length).toBeGreaterThan(0)
    expect(new Set(found).size).toBe(found.length)
  })

  test('is found by the index of lists, and not before its keys are built', async () => {
    expect([...(await indexesOf(server))]).toContain('IXSCAN { tt: 1, s: 1, w: 1, _id: 1 }')
    expect([...(await indexesOf(other))].join()).not.toContain('s: 1')
  })
})

test('pages lead back the way they came', async () => {
  const pages = await server.pages('Appointment?status:not=waitlist&_sort=-date&_count=50')
  const link = (page: (typeof pages)[number]): string =>
    page.link?.find((each) => each.relation === 'previous')?.url ?? ''
  for (const [at, page] of pages.entries()) {
    if (at > 0) expect(idsOf((await server.get(link(page))).json)).toEqual(idsOf(pages[at - 1]!))
  }
  expect(pages.length).toBeGreaterThan(3)
})

test('what is deleted is in no list', async () => {
  const search = 'Appointment?practitioner=Practitioner/1&_sort=date&_count=500'
  const before = await server.ids(search)
  expect((await server.send('DELETE', `Appointment/${before[0]}`)).status).toBe(204)
  expect(await server.ids(search)).toEqual(before.slice(1))
})

test('a change of a date changes the place', async () => {
  const search = 'Appointment?patient=Patient/1&_sort=date&_count=500'
  const [last = ''] = (await server.ids(search)).slice(-1)
  const { json } = await server.get(`Appointment/${last}`)
  const moved = { ...json, start: '2020-01-01T08:00:00Z', end: '2020-01-01T08:10:00Z' }
  expect((await server.send('PUT', `Appointment/${last}`, moved)).status).toBe(200)
  const dated = (await server.ids(`${search}&date:missing=false`))[0]
  expect(dated).toBe(last)
})
