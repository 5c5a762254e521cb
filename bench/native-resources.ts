/** Resources as clients send them: an Observation of a vital sign, a Patient. */
import type { Observation, Patient } from '@medplum/fhirtypes'

export function nativeObservation(index: number, subject = `Patient/p${index % 20_000}`): Observation {
  return {
    resourceType: 'Observation',
    status: 'final',
    identifier: [{ system: 'urn:bench:observation', value: `o${index}` }],
    category: [
      { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }] },
    ],
    code: { coding: [{ system: 'http://loinc.org', code: '8867-4', display: 'Heart rate' }], text: 'Heart rate' },
    subject: { reference: subject },
    effectiveDateTime: new Date(Date.UTC(2026, 0, 1) + index * 60_000).toISOString(),
    valueQuantity: { value: 40 + (index % 120), unit: 'beats/min', system: 'http://unitsofmeasure.org', code: '/min' },
  }
}

export function nativePatient(index: number): Patient {
  return {
    resourceType: 'Patient',
    identifier: [{ system: 'urn:bench:patient', value: `p${index}` }],
    name: [{ use: 'official', family: `Family${index % 5_000}`, given: ['Given', `N${index}`] }],
    telecom: [{ system: 'phone', value: `+1 415 ${index}` }],
    gender: index % 2 === 0 ? 'female' : 'male',
    birthDate: '1980-02-03',
    address: [{ line: ['1 Mission St'], city: 'Oakland', postalCode: '94607' }],
  }
}
