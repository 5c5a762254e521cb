/** A small guide of a ward: a Patient with a number of the ward, a name and a known gender, and an extension. */
import type { Resource, StructureDefinition } from '@medplum/fhirtypes'

const CANONICAL = 'http://ward.example.org/StructureDefinition'
const R4 = 'http://hl7.org/fhir/StructureDefinition'

export const WARD_PATIENT = `${CANONICAL}/ward-patient`
export const WARD_NUMBERS = 'http://ward.example.org/numbers'
export const BED = `${CANONICAL}/bed`

export const wardProfile: StructureDefinition = {
  resourceType: 'StructureDefinition',
  id: 'ward-patient',
  url: WARD_PATIENT,
  version: '1.0.0',
  name: 'WardPatient',
  title: 'Ward Patient',
  status: 'active',
  kind: 'resource',
  abstract: false,
  type: 'Patient',
  baseDefinition: `${R4}/Patient`,
  derivation: 'constraint',
  differential: {
    element: [
      {
        id: 'Patient',
        path: 'Patient',
        constraint: [
          {
            key: 'ward-1',
            severity: 'error',
            human: 'A patient who died has no bed',
            expression: `deceased.exists() implies extension('${BED}').empty()`,
          },
        ],
      },
      { id: 'Patient.extension', path: 'Patient.extension' },
      {
        id: 'Patient.extension:bed',
        path: 'Patient.extension',
        sliceName: 'bed',
        max: '1',
        type: [{ code: 'Extension', profile: [BED] }],
      },
      {
        id: 'Patient.identifier',
        path: 'Patient.identifier',
        min: 1,
        slicing: { discriminator: [{ type: 'value', path: 'system' }], rules: 'open' },
      },
      { id: 'Patient.identifier:number', path: 'Patient.identifier', sliceName: 'number', min: 1, max: '1' },
      {
        id: 'Patient.identifier:number.system',
        path: 'Patient.identifier.system',
        min: 1,
        fixedUri: WARD_NUMBERS,
      },
      { id: 'Patient.identifier:number.value', path: 'Patient.identifier.value', min: 1, maxLength: 6 },
      { id: 'Patient.name', path: 'Patient.name', min: 1 },
      { id: 'Patient.name.family', path: 'Patient.name.family', min: 1 },
      { id: 'Patient.photo', path: 'Patient.photo', max: '0' },
      {
        id: 'Patient.maritalStatus',
        path: 'Patient.maritalStatus',
        binding: { strength: 'required', valueSet: 'http://hl7.org/fhir/ValueSet/marital-status' },
      },
      {
        id: 'Patient.deceased[x]',
        path: 'Patient.deceased[x]',
        type: [{ code: 'dateTime' }],
      },
      {
        id: 'Patient.generalPractitioner',
        path: 'Patient.generalPractitioner',
        type: [{ code: 'Reference', targetProfile: [`${R4}/Practitioner`] }],
      },
    ],
  },
}

const bed: StructureDefinition = {
  resourceType: 'StructureDefinition',
  id: 'bed',
  url: BED,
  version: '1.0.0',
  name: 'Bed',
  status: 'active',
  kind: 'complex-type',
  abstract: false,
  type: 'Extension',
  baseDefinition: `${R4}/Extension`,
  derivation: 'constraint',
  differential: {
    element: [
      { id: 'Extension.url', path: 'Extension.url', fixedUri: BED },
      { id: 'Extension.value[x]', path: 'Extension.value[x]', min: 1, type: [{ code: 'string' }] },
    ],
  },
}

export const wardDefinitions: readonly Resource[] = [wardProfile, bed]

export function wardPatient(): Record<string, unknown> {
  return {
    resourceType: 'Patient',
    meta: { profile: [WARD_PATIENT] },
    extension: [{ url: BED, valueString: '12' }],
    identifier: [{ system: WARD_NUMBERS, value: 'W-12' }],
    name: [{ family: 'Chalmers' }],
  }
}
