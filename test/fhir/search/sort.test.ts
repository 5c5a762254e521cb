/** Pages of any size in any order give every match once, and in that order. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { type Bundle, documentsOf, type FhirServer, idsOf, startFhirServer } from '../../support/fhir-server.ts'

let server: FhirServer
beforeAll(async () => {
  server = await startFhirServer()
})
afterAll(() => server.stop())

interface Row {
  readonly status?: string
  readonly day?: number
  readonly value?: number
  readonly isBelow: boolean
  readonly subject?: string
  readonly parts?: readonly string[]
  readonly numbers?: readonly number[]
  readonly updated: number
}

/** Few values, so that many are equal, and any may be missing. */
const row: fc.Arbitrary<Row> = fc.record(
  {
    status: fc.constantFrom('final', 'amended'),
    day: fc.integer({ min: 10, max: 13 }),
    value: fc.constantFrom(-1, 0, 0.5, 60),
    isBelow: fc.boolean(),
    subject: fc.constantFrom('Patient/a', 'Patient/b', 'Group/a'),
    parts: fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 }),
    numbers: fc.array(fc.constantFrom(1, 2, 3), { minLength: 1, maxLength: 3 }),
    updated: fc.integer({ min: 10, max: 12 }),
  },
  { requiredKeys: ['isBelow', 'updated'] },
)

type Key = string | number | undefined

/** What a row sorts by: of several the first in the order; undefined sorts before everything. */
const keys: Readonly<Record<string, (row: Row, id: string) => Key | readonly (string | number)[]>> = {
  status: ({ status }) => status,
  date: ({ day }) => day,
  'value-quantity': ({ value, isBelow }) => (value !== undefined && isBelow ? -Infinity : value),
  subject: ({ subject }) => subject,
  category: ({ parts }) => parts,
  'component-value-quantity': ({ numbers }) => numbers,
  'combo-value-quantity': ({ value, isBelow, numbers = [] }) =>
    value === undefined ? numbers : [isBelow ? -Infinity : value, ...numbers],
  _lastUpdated: ({ updated }) => updated,
  _id: (_row, id) => id,
}

function keyOf(rule: string, row: Row, id: string): Key {
  const key = keys[rule.replace('-_', '_').replace(/^-/, '')]!(row, id)
  return Array.isArray(key) ? (key.toSorted().at(rule.startsWith('-') ? -1 : 0) as Key) : (key as Key)
}

function observation({ status, day, value, isBelow, subject, parts, numbers }: Row, id: string) {
  return {
    resourceType: 'Observation',
    id,
    ...(status && { status }),
    ...(day !== undefined && { effectiveDateTime: `2025-01-${day}` }),
    ...(value !== undefined && { valueQuantity: { value, ...(isBelow && { comparator: '<' }) } }),
    ...(subject && { subject: { reference: subject } }),
    ...(parts && { category: parts.map((code) => ({ coding: [{ code }] })) }),
    ...(numbers && { component: numbers.map((each) => ({ valueQuantity: { value: each } })) }),
  }
}

const idOf = (index: number): string => `o${String(index).padStart(2, '0')}`

async function store(tenant: string, rows: readonly Row[]): Promise<void> {
  const documents = rows.map((each, index) =>
    documentsOf(observation(each, idOf(index)), { tenant, at: `2025-02-${each.updated}T00:00:00.000Z` }),
  )
  await server.store.tenants.insertOne({ _id: tenant, instance: 'q', key: tenant, name: tenant })
  await server.store.resources.insertMany(documents.map(({ document }) => document))
  await server.store.versions.insertMany(documents.map(({ version }) => version))
}

/** Is `a` before or level with `b` in every rule until one decides? */
function inOrder(rules: readonly string[], [a, idA]: [Row, string], [b, idB]: [Row, string]): boolean {
  for (const rule of rules) {
    const both = [keyOf(rule, a, idA), keyOf(rule, b, idB)] as const
    const [first, second] = rule.startsWith('-') ? both.toReversed() : both
    if (first === second) continue
    return first === undefined || (second !== undefined && first < second)
  }
  return true
}

/** What is on the pages before, from the first. */
async function backwards(page: Bundle): Promise<string[]> {
  const previous = page.link?.find(({ relation }) => relation === 'previous')?.url
  if (previous === undefined) return []
  const { json } = await server.get(previous)
  return [...(await backwards(json)), ...idsOf(json)]
}

const rule = fc.tuple(fc.constantFrom(...Object.keys(keys)), fc.boolean())
const rules = fc
  .uniqueArray(rule, { maxLength: 3, selector: ([code]) => code })
  .map((list) => list.map(([code, isDown]) => (isDown ? `-${code}` : code)))

test('all pages together hold each match once, in order, whatever is missing or equal', async () => {
  let tenants = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { minLength: 1, maxLength: 14 }),
      rules,
      fc.integer({ min: 1, max: 5 }),
      async (rows, sort, count) => {
        const tenant = `t${tenants++}`
        await store(tenant, rows)
        const order = sort.length === 0 ? '' : `&_sort=${sort.join(',')}`
        const pages = await server.pages(`/t/${tenant}/fhir/R4/Observation?_count=${count}${order}`)
        const ids = pages.flatMap(idsOf)
        expect([...ids].sort()).toEqual(rows.map((_, index) => idOf(index)))
        const seen = ids.map((id): [Row, string] => [rows[Number(id.slice(1))]!, id])
        for (const [index, each] of seen.slice(1).entries()) {
          expect({ sort, holds: inOrder(sort, seen[index]!, each) }).toEqual({ sort, holds: true })
        }
        expect(pages.slice(0, -1).every((page) => idsOf(page).length === count)).toBe(true)
        expect(await backwards(pages.at(-1)!)).toEqual(ids.slice(0, (pages.length - 1) * count))
      },
    ),
    { numRuns: 30 },
  )
}, 60_000)

test('what changes between pages does not make others come twice or never', async () => {
  const rows = Array.from({ length: 6 }, (_, index) => ({ isBelow: false, day: 10 + index, updated: 10 }))
  await store('moving', rows)
  const base = '/t/moving/fhir/R4'
  const first = (await server.get(`${base}/Observation?_sort=date&_count=3`)).json
  const put = (index: number, day: number) =>
    server.put(observation({ isBelow: false, day, updated: 10 }, idOf(index)), { tenant: 'moving' })
  await put(1, 17)
  await put(5, 10)
  await server.put(observation({ isBelow: false, updated: 10 }, idOf(2)), { tenant: 'moving', deleted: true })
  const rest = (await server.pages(first.link?.[1]?.url ?? '')).flatMap(idsOf)
  expect([idsOf(first), rest]).toEqual([
    ['o00', 'o01', 'o02'],
    ['o03', 'o04', 'o05'],
  ])
})

test.each(['date,date', 'date,-date', 'date,', '--date', 'subject:Patient', 'code-value-quantity', '_page'])(
  '_sort=%s is refused',
  async (sort) => {
    expect((await server.get(`Observation?_sort=${sort}`)).status).toBe(400)
  },
)
