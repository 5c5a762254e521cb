/** The way back, where it is no mirror of the way there: rows being made, and what empty columns read as. */
import { expect, test } from '@jest/globals'
import type { Composition, ServiceRequest } from '@medplum/fhirtypes'
import type { Part, Row, Rows } from '../../src/mapping/lens.ts'
import { contextOf, examples, loaded, partsOf } from './examples.ts'
import type { Example } from './examples.ts'

function exampleOf(name: string): Example {
  const found = examples().find((example) => example.name === name)
  if (!found) throw new Error(`the example ${name} is missing`)
  return found
}

function confidentiality(example: Example, code: NonNullable<Composition['confidentiality']>): unknown {
  const [part] = partsOf(example) as [Part]
  const read = part.lens.get(part, contextOf(example)) as Composition
  const after = part.lens.put(part, { ...read, confidentiality: code }, contextOf(example))
  return (after['r'] as Row)['isConfidential']
}

test('what is not sent keeps what a new row starts with, and empties a row that is there', () => {
  const lens = loaded.systems.flatMap(({ lenses }) => lenses).find(({ name }) => name === 'sop/case')
  if (!lens) throw new Error('the mapping is missing')
  const rows: Rows = { c: { created_date: '2026-01-01 10:00:00', medical_history: 'Rash' } }
  const sent = { resourceType: 'ServiceRequest', status: 'draft', intent: 'order' } as ServiceRequest
  const context = contextOf(exampleOf('sop/case.draft'))
  const made = lens.put(lens.blank('', rows), sent, context)
  expect(made['c']).toEqual({ created_date: '2026-01-01 10:00:00', medical_history: 'Rash', status: 'draft' })
  const there = lens.put({ ...lens.blank('', rows), id: 'sop-1' }, sent, context)
  expect(there['c']).toMatchObject({ medical_history: null, status: 'draft' })
})

test('a code that empty columns read as is stored where the table has a word for it', () => {
  expect(confidentiality(exampleOf('hms/medical-record.open'), 'R')).toBe(1)
  expect(confidentiality(exampleOf('hms/medical-record.confidential'), 'R')).toBe(true)
  expect(confidentiality(exampleOf('hms/medical-record.bare'), 'R')).toBeNull()
  expect(confidentiality(exampleOf('hms/medical-record.bare'), 'N')).toBe(false)
})
