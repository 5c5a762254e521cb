/** A medicine of the pharmacy's list, or one by name: which it is depends on what is there. */
import { expect, test } from '@jest/globals'
import type { MedicationRequest } from '@medplum/fhirtypes'
import type { Lens, LensContext, Part, Row } from '../../src/mapping/lens.ts'
import { BASE, loaded } from './examples.ts'

const lens = loaded.systems
  .flatMap(({ lenses }) => lenses)
  .find(({ name }) => name === 'hms/medication-request') as Lens

function context(...there: string[]): LensContext {
  return { base: BASE, timeZone: 'UTC', has: (reference) => there.includes(reference), warn: () => undefined }
}

function part(medicine: object): Part {
  return lens.parts({ r: { id: 'r1', medicines: [medicine] } }, { base: BASE })[0] as Part
}

function read(medicine: object, ...there: string[]): MedicationRequest {
  return lens.get(part(medicine), context(...there)) as MedicationRequest
}

function written(medicine: object, change: object, ...there: string[]): unknown {
  const of = part(medicine)
  const rows = lens.put(of, { ...lens.get(of, context(...there)), ...change } as MedicationRequest, context(...there))
  return ((rows['r'] as Row)['medicines'] as unknown[])[0]
}

test('a row that is there is referred to, with the name as its display', () => {
  expect(read({ medicineId: 'm1', name: 'Concor' }, 'Medication/hms-m1').medicationReference).toEqual({
    reference: 'Medication/hms-m1',
    display: 'Concor',
  })
})

test('without the row the name stands, and without the name the text for it', () => {
  expect(read({ medicineId: 'm1', name: 'Concor' }).medicationCodeableConcept).toEqual({ text: 'Concor' })
  expect(read({ medicineId: 'm1' }).medicationCodeableConcept).toEqual({ text: 'unknown medicine' })
  expect(read({ medicineId: 'm1' }).medicationReference).toBeUndefined()
})

test('the lens says which resource it will ask about', () => {
  expect(lens.references(part({ medicineId: 'm1' }))).toContain('Medication/hms-m1')
})

test('another name is written as the name, and the key goes', () => {
  expect(written({ medicineId: 'm1', name: 'Concor' }, { medicationCodeableConcept: { text: 'Aspirin' } })).toEqual({
    medicineId: null,
    name: 'Aspirin',
  })
})

test('another row is written as its key, and takes its own name along', () => {
  const to = { medicationReference: { reference: 'Medication/hms-m2', display: 'Aspirin' } }
  expect(written({ medicineId: 'm1', name: 'Concor' }, to, 'Medication/hms-m1')).toEqual({
    medicineId: 'm2',
    name: 'Aspirin',
  })
})
