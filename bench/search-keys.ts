/** Time of `searchKeys` on resources as the mappings make them: `node bench/search-keys.ts`. Target: under 15 µs. */
import { searchKeys } from '../src/r4/search-keys.ts'

const meta = {
  source: 'https://isthmus.example/qivr/vitals/7f9c',
  profile: ['https://isthmus.example/StructureDefinition/vital-signs'],
  tag: [{ system: 'https://isthmus.example/CodeSystem/source', code: 'qivr' }],
}
const observation = {
  resourceType: 'Observation',
  id: 'qivr-1',
  meta,
  identifier: [{ system: 'https://isthmus.example/sid/qivr/vitals', value: '7f9c2ba4-e88f' }],
  status: 'final',
  category: [
    { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }] },
  ],
  code: { coding: [{ system: 'http://loinc.org', code: '8867-4', display: 'Heart rate' }], text: 'Heart rate' },
  subject: { reference: 'Patient/qivr-3f0e1a', display: 'Fatima Al Noor' },
  encounter: { reference: 'Encounter/qivr-9' },
  effectiveDateTime: '2024-03-05T10:30:00+05:30',
  issued: '2024-03-05T05:00:00Z',
  performer: [{ reference: 'Practitioner/qivr-77' }],
  valueQuantity: { value: 72, unit: 'beats/minute', system: 'http://unitsofmeasure.org', code: '/min' },
}
const appointment = {
  resourceType: 'Appointment',
  id: 'hms-1',
  meta,
  identifier: [{ system: 'https://isthmus.example/sid/hms/appointment', value: 'APT-000123' }],
  status: 'booked',
  serviceType: [{ coding: [{ system: 'https://isthmus.example/CodeSystem/service', code: 'consult' }] }],
  appointmentType: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0276', code: 'FOLLOWUP' }] },
  reasonCode: [{ text: 'Headache' }],
  start: '2024-03-05T10:30:00+05:30',
  end: '2024-03-05T11:00:00+05:30',
  participant: [
    { actor: { reference: 'Patient/hms-1' }, status: 'accepted' },
    { actor: { reference: 'Practitioner/hms-2' }, status: 'accepted' },
  ],
}
const patient = {
  resourceType: 'Patient',
  id: 'hms-1',
  meta,
  identifier: [{ system: 'https://isthmus.example/sid/hms/patient-number', value: 'PAT-000123' }],
  active: true,
  name: [{ use: 'official', family: 'Al Noor', given: ['Fatima', 'Zahra'], text: 'فاطمة الزهراء النور' }],
  telecom: [
    { system: 'phone', value: '+97150000000' },
    { system: 'email', value: 'f@example.org' },
  ],
  gender: 'female',
  birthDate: '1980-02-03',
  address: [{ line: ['12 Corniche Road'], city: 'Abu Dhabi', country: 'AE' }],
}

for (const resource of [observation, appointment, patient]) {
  const rounds = 50_000
  for (let i = 0; i < 5_000; i++) searchKeys(resource)
  const start = process.cpuUsage()
  for (let i = 0; i < rounds; i++) searchKeys(resource)
  const { user, system } = process.cpuUsage(start)
  const { k, d, n } = searchKeys(resource)
  const count = `${k.length + d.length + n.length} keys`
  console.log(`${resource.resourceType.padEnd(12)} ${((user + system) / rounds).toFixed(2)} µs  ${count}`)
}
