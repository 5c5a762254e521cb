/** Patients of the bench programs, as mappings make them. */

export function patientId(number: number): string {
  return `bench-${number}`
}

export const PATIENT_NUMBERS = 'https://interop.example.org/sid/hms/patient-number'

export function patientNumber(number: number): string {
  return `PAT-${String(number).padStart(6, '0')}`
}

/** About 1.5 KB of JSON, as the mappings make it. */
export function patient(number: number) {
  const base = 'https://interop.example.org'
  const key = String(number)
  return {
    resourceType: 'Patient',
    id: patientId(number),
    meta: {
      versionId: '1',
      lastUpdated: new Date(Date.UTC(2026, 0, 1) + number * 1000).toISOString(),
      source: `${base}/source/hms/patients/${key}`,
      profile: [`${base}/StructureDefinition/patient`],
      tag: [{ system: `${base}/CodeSystem/source`, code: 'hms' }],
    },
    text: { status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml">Fatima Zahra Al Noor, ${key}</div>` },
    identifier: [
      { use: 'secondary', system: `${base}/sid/hms/patients`, value: key },
      { use: 'official', system: PATIENT_NUMBERS, value: patientNumber(number) },
    ],
    active: true,
    name: [{ use: 'official', text: 'Fatima Zahra Al Noor', family: 'Al Noor', given: ['Fatima', 'Zahra'] }],
    telecom: [
      { system: 'phone', value: `+97150${key.padStart(7, '0')}`, use: 'mobile' },
      { system: 'email', value: `patient.${key}@example.org` },
    ],
    gender: 'female',
    birthDate: '1980-02-03',
    address: [
      {
        use: 'home',
        type: 'both',
        line: ['12 Corniche Road', 'Tower 3'],
        city: 'Abu Dhabi',
        postalCode: '00000',
        country: 'AE',
      },
    ],
    maritalStatus: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-MaritalStatus', code: 'M', display: 'Married' }],
    },
    contact: [{ name: { text: 'Omar Al Noor' }, telecom: [{ system: 'phone', value: '+971501234567' }] }],
    communication: [{ language: { coding: [{ system: 'urn:ietf:bcp:47', code: 'ar' }] }, preferred: true }],
    generalPractitioner: [{ reference: 'Practitioner/hms-2', display: 'Dr Layla Haddad' }],
    managingOrganization: { reference: 'Organization/hms', display: 'Hospital' },
  }
}
