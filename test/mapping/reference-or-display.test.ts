/** An author who may be a row, a name, or nobody known. */
import { expect, test } from '@jest/globals'
import type { Composition } from '@medplum/fhirtypes'
import { NotStorableError } from '../../src/mapping/errors.ts'
import type { Part, Row } from '../../src/mapping/lens.ts'
import { contextOf, examples, partsOf } from './examples.ts'

const example = examples().find(({ name }) => name === 'hms/medical-record.confidential')
if (!example) throw new Error('the example is missing')
const context = contextOf(example)
const [part] = partsOf(example) as [Part]
const read = part.lens.get(part, context) as Composition

function written(author: Composition['author']): Row {
  return part.lens.put(part, { ...read, author }, context)['r'] as Row
}

test('another doctor takes the old name along', () => {
  const row = written([{ reference: 'Practitioner/hms-other' }])
  expect([row['doctorId'], row['doctorName']]).toEqual(['other', null])
})

test('a name alone takes the place of the doctor', () => {
  const row = written([{ display: 'Dr Ida Vance' }])
  expect([row['doctorId'], row['doctorName']]).toEqual([null, 'Dr Ida Vance'])
})

test('"unknown" is nobody', () => {
  const row = written([{ display: 'unknown' }])
  expect([row['doctorId'], row['doctorName']]).toEqual([null, null])
})

test('a doctor of another system is refused', () => {
  expect(() => written([{ reference: 'Practitioner/qivr-1' }])).toThrow(NotStorableError)
})
