/** The prefixes of dates over HTTP, against R4 search.html#prefix read literally, by another way of making intervals. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { documentsOf, type FhirServer, startFhirServer } from '../../support/fhir-server.ts'

/** Half-open, in milliseconds. */
interface Interval {
  readonly from: number
  readonly to: number
}

interface Written extends Interval {
  readonly text: string
}

const two = (number: number): string => String(number).padStart(2, '0')
const year = fc.integer({ min: 2023, max: 2025 })
const month = fc.integer({ min: 1, max: 12 })
const day = fc.constantFrom(1, 2, 15, 28)
const clock = fc.constantFrom(0, 1, 12, 23)

/** A date in one of its precisions; few values, so that they often touch. */
const written: fc.Arbitrary<Written> = fc
  .tuple(
    year,
    month,
    day,
    clock,
    fc.constantFrom('year', 'month', 'day', 'second', 'millisecond'),
    fc.constantFrom(0, 5),
  )
  .map(([y, m, d, h, precision, zone]) => {
    const time = `${y}-${two(m)}-${two(d)}T${two(h)}:30:15`
    const from = Date.UTC(y, m - 1, d, h - zone, 30, 15)
    const offset = zone === 0 ? 'Z' : `+${two(zone)}:00`
    if (precision === 'year') return { text: String(y), from: Date.UTC(y), to: Date.UTC(y + 1) }
    if (precision === 'month') return { text: time.slice(0, 7), from: Date.UTC(y, m - 1), to: Date.UTC(y, m) }
    if (precision === 'day')
      return { text: time.slice(0, 10), from: Date.UTC(y, m - 1, d), to: Date.UTC(y, m - 1, d + 1) }
    if (precision === 'second') return { text: time + offset, from, to: from + 1000 }
    return { text: `${time}.250${offset}`, from: from + 250, to: from + 251 }
  })

interface Target extends Interval {
  readonly elements: object
}

const target: fc.Arbitrary<Target> = fc.oneof(
  written.map(({ text, from, to }) => ({ elements: { effectiveDateTime: text }, from, to })),
  fc
    .tuple(written, written)
    .filter(([start, end]) => start.from < end.to)
    .map(([start, end]) => ({
      elements: { effectivePeriod: { start: start.text, end: end.text } },
      from: start.from,
      to: end.to,
    })),
  written.map(({ text, from }) => ({ elements: { effectivePeriod: { start: text } }, from, to: Infinity })),
  written.map(({ text, to }) => ({ elements: { effectivePeriod: { end: text } }, from: -Infinity, to })),
)

const contains = (asked: Interval, stored: Interval): boolean => asked.from <= stored.from && stored.to <= asked.to
const overlap = (a: Interval, b: Interval): boolean => a.from < b.to && b.from < a.to
const above = ({ to }: Interval): Interval => ({ from: to, to: Infinity })
const below = ({ from }: Interval): Interval => ({ from: -Infinity, to: from })

const table: Readonly<Record<string, (asked: Interval, stored: Interval) => boolean>> = {
  '': contains,
  eq: contains,
  ne: (asked, stored) => !contains(asked, stored),
  gt: (asked, stored) => overlap(above(asked), stored),
  lt: (asked, stored) => overlap(below(asked), stored),
  ge: (asked, stored) => overlap(above(asked), stored) || contains(asked, stored),
  le: (asked, stored) => overlap(below(asked), stored) || contains(asked, stored),
  sa: (asked, stored) => !overlap(asked, stored) && contains(above(asked), stored),
  eb: (asked, stored) => !overlap(asked, stored) && contains(below(asked), stored),
}

const targets = fc.sample(target, { seed: 20250101, numRuns: 150 })
let server: FhirServer
beforeAll(async () => {
  server = await startFhirServer()
  const stored = targets.map(({ elements }, index) =>
    documentsOf({ resourceType: 'Observation', id: String(index), ...elements }),
  )
  await server.store.resources.insertMany(stored.map(({ document }) => document))
})
afterAll(() => server.stop())

test('every prefix finds what the table of the specification says, of every kind of date', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...Object.keys(table)), written, async (prefix, asked) => {
      const holds = table[prefix]!
      const expected = targets.flatMap((stored, index) => (holds(asked, stored) ? [String(index)] : []))
      const found = await server.ids(`Observation?date=${prefix}${encodeURIComponent(asked.text)}&_count=1000`)
      expect(found.map(Number).sort((a, b) => a - b)).toEqual(expected.map(Number))
    }),
    { numRuns: 100 },
  )
})

test('ap is around the date, by a tenth of the time between it and now', async () => {
  const tenYears = 10 * 365 * 86_400_000
  const at = (years: number): string => new Date(Date.now() - tenYears + years * 365 * 86_400_000).toISOString()
  for (const years of [-1.2, -0.8, 0, 0.8, 1.2]) {
    await server.put({ resourceType: 'Encounter', id: `e${years}`, period: { start: at(years), end: at(years) } })
  }
  expect((await server.ids(`Encounter?date=ap${at(0)}`)).sort()).toEqual(['e-0.8', 'e0', 'e0.8'])
})
