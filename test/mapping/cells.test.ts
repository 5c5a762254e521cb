import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { cellOf, cellsReader, workedOutCell } from '../../src/mapping/cells.ts'
import type { CellTable } from '../../src/mapping/cells.ts'
import { compileAccessor, parseField } from '../../src/mapping/field.ts'
import type { Rows } from '../../src/mapping/lens.ts'

const TEXTS = ['a.one', 'a.two', 'b.one', 'a.json.member', 'b.json.member', 'c.one']

const value = fc.oneof(
  fc.constantFrom<unknown>(
    '',
    ' ',
    null,
    undefined,
    0,
    false,
    'text',
    '{"member":""}',
    '{"member":"x"}',
    '{"member":0}',
  ),
  fc.string(),
  fc.date(),
  fc.record({ member: fc.constantFrom<unknown>('', null, 'x', false) }),
)
const row = fc.option(fc.record({ one: value, two: value, json: value }, { requiredKeys: [] }), { nil: undefined })
const rows: fc.Arbitrary<Rows> = fc.record({ a: row, b: row }, { requiredKeys: [] })

test('a cell holds what its field reads: null for missing, null and empty text, and any other value as it is', () => {
  const table: CellTable = { cells: [] }
  const numbers = TEXTS.map((text) => cellOf(table, parseField(text), false))
  const workedOut = workedOutCell(table, 'worked out', (given) => Object.keys(given).length)
  const unused = cellOf(table, parseField('a.unused'), false)
  const read = cellsReader(table, [...numbers, workedOut])
  fc.assert(
    fc.property(rows, (given) => {
      const cells = read(given)
      for (const [index, text] of TEXTS.entries()) {
        expect(cells[numbers[index] as number]).toBe(compileAccessor(parseField(text))(given))
      }
      expect(cells[workedOut]).toBe(Object.keys(given).length)
      expect(cells[unused]).toBeNull()
    }),
  )
})
