import { expect, test } from '@jest/globals'
import { lineageTable } from '../../src/cli/lineage-table.ts'
import type { ColumnLineage, ElementLineage } from '../../src/mapping/explain.ts'

const rule = { text: '{}', file: 'mappings/hms/patient.yaml', line: 7, codec: 'text', direction: 'read-write' as const }
const column = (collection: string, key: string, name: string): ColumnLineage => ({
  system: 'hms',
  collection,
  keys: [key],
  column: name,
})
const element = (path: string, value: unknown, ...columns: ColumnLineage[]): ElementLineage => ({
  path,
  value,
  origin: { kind: 'column', rule, columns, codes: [] },
})

test('rows are named once, columns by their collection', () => {
  expect(lineageTable([element('birthDate', '1980', column('users', '1', 'dob'), column('users', '1', 'age'))])).toBe(
    '  row users 1\n' +
      'ELEMENT    VALUE  FROM                  THROUGH           RULE\n' +
      'birthDate  1980   users.dob, users.age  text, read-write  mappings/hms/patient.yaml:7\n',
  )
})

test('two rows of one collection are told apart', () => {
  const table = lineageTable([element('a', 1, column('users', '1', 'x')), element('b', 2, column('users', '2', 'x'))])
  expect(table).toContain('users 1.x')
  expect(table).toContain('users 2.x')
})

test('a code names its row, an absent value the empty column, a client’s element the client', () => {
  const codes = [{ table: 'gender', stored: 'f', code: 'female', file: 'mappings/hms/codes.yaml', line: 3 }]
  const table = lineageTable([
    { path: 'gender', value: 'female', origin: { kind: 'column', rule, columns: [column('u', '1', 'g')], codes } },
    { path: 'status', value: 'x', origin: { kind: 'constant', rule, columns: [column('u', '1', 's')], codes: [] } },
    { path: 'photo[0].url', value: 'y'.repeat(50), origin: { kind: 'client' } },
    { path: 'id', value: 'z', origin: { kind: 'gateway' } },
  ])
  expect(table).toContain('text, gender: f → female (mappings/hms/codes.yaml:3), read-write')
  expect(table).toContain('the mapping, since nothing is in u.s')
  expect(table).toContain(`${'y'.repeat(39)}…  a FHIR client, kept beside the row`)
  expect(table).toMatch(/id +z +the gateway\n/)
})
