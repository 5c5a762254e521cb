/** Documents like those of the examples, with columns changed to anything their kind may hold (fast-check). */
import { join } from 'node:path'
import { Decimal128 } from 'bson'
import fc from 'fast-check'
import type { ColumnsData } from '../../src/mapping/mapping-file.ts'
import type { Row } from '../../src/mapping/lens.ts'
import { readYamlFile } from '../../src/mapping/yaml-file.ts'
import { MAPPINGS } from './examples.ts'
import type { Example } from './examples.ts'

const columnsOf = new Map<string, ColumnsData>()

function columns(system: string): ColumnsData {
  const known = columnsOf.get(system)
  if (known) return known
  const read = readYamlFile(join(MAPPINGS, system, 'columns.yaml')).data as ColumnsData
  columnsOf.set(system, read)
  return read
}

const empty = fc.constantFrom<unknown>(null, undefined, '')
const digits = fc.tuple(fc.integer({ min: 0, max: 9999 }), fc.integer({ min: 0, max: 99 }))
const decimalText = digits.map(([whole, part]) => `${String(whole)}.${String(part).padStart(2, '0')}`)
const moment = fc.date({ min: new Date('1950-01-01'), max: new Date('2049-12-31'), noInvalidDate: true })
const second = moment.map((date) => new Date(Math.floor(date.getTime() / 1000) * 1000))

const kinds: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  text: fc.oneof(fc.string(), fc.constantFrom('ø', 'د. سارة', '<b>&', ' padded ')),
  'text[]': fc.oneof(
    fc.array(fc.string(), { maxLength: 3 }),
    fc.array(fc.string(), { maxLength: 3 }).map((list) => JSON.stringify(list)),
  ),
  integer: fc.oneof(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 0, max: 500 }).map(String)),
  number: fc.oneof(
    fc.integer({ min: 0, max: 500 }),
    decimalText,
    decimalText.map((text) => Decimal128.fromString(text)),
  ),
  decimal: fc.oneof(
    decimalText,
    decimalText.map((text) => Decimal128.fromString(text)),
    fc.integer({ min: 0, max: 500 }),
  ),
  boolean: fc.constantFrom<unknown>(true, false, 0, 1, '0', '1'),
  date: fc.oneof(
    second.map((date) => date.toISOString().slice(0, 10)),
    second.map((date) => new Date(`${date.toISOString().slice(0, 10)}T00:00:00Z`)),
  ),
  timestamp: fc.oneof(
    second,
    second.map((date) => date.toISOString().slice(0, 19).replace('T', ' ')),
    second.map((date) => date.toISOString().replace('.000Z', 'Z')),
  ),
}

/** The example with some columns of its rows changed; keys and foreign keys stay, so that joins still meet. */
export function generated(example: Example, all: readonly Example[]): fc.Arbitrary<Example> {
  const collections = Object.fromEntries(
    Object.entries(example.collections).map(([collection, rows]) => [
      collection,
      fc.tuple(...rows.map((row) => generatedRow(example, collection, row, all))),
    ]),
  )
  return fc
    .record({
      collections: fc.record(collections),
      timeZone: fc.constantFrom('UTC', 'America/New_York', 'Asia/Kolkata'),
    })
    .map((made) => ({ ...example, ...made, collections: made.collections }))
}

function generatedRow(example: Example, collection: string, row: Row, all: readonly Example[]): fc.Arbitrary<Row> {
  const declared = columns(example.system.system)[collection] ?? {}
  const cells = Object.entries(declared)
    .filter(([column]) => column in row)
    .map(([column, kind]): [string, fc.Arbitrary<unknown>] => {
      const stored = row[column]
      if (kind.startsWith('key') || kind.startsWith('ref') || kind === 'secret') return [column, fc.constant(stored)]
      const seen = fc.constantFrom(stored, ...valuesOf(all, example, collection, column))
      const made = kinds[kind]
      return [
        column,
        made ? fc.oneof({ weight: 6, arbitrary: seen }, { weight: 2, arbitrary: made }, empty) : fc.oneof(seen, empty),
      ]
    })
  return fc.record(Object.fromEntries(cells)).map((changed) => ({ ...row, ...changed }))
}

/** What the system's examples hold in that column: status words and other values a random text never hits. */
function valuesOf(all: readonly Example[], { system }: Example, collection: string, column: string): unknown[] {
  return all
    .filter((each) => each.system === system)
    .flatMap((each) => each.collections[collection] ?? [])
    .map((row) => row[column])
}
