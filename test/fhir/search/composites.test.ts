/** Composite parameters: the parts hold in one element together (R4 search.html#combining). */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type FhirServer, startFhirServer } from '../../support/fhir-server.ts'

const loinc = 'http://loinc.org'
const ucum = 'http://unitsofmeasure.org'
const coded = (code: string, system = loinc): object => ({ code: { coding: [{ system, code }] } })
const quantity = (value: number, code: string): object => ({ value, code, unit: code, system: ucum })
const pressure = (id: string, systolic: number, diastolic: number): object => ({
  resourceType: 'Observation',
  id,
  ...coded('85354-9'),
  component: [
    { ...coded('8480-6'), valueQuantity: quantity(systolic, 'mm[Hg]') },
    { ...coded('8462-4'), valueQuantity: quantity(diastolic, 'mm[Hg]') },
  ],
})

let server: FhirServer
beforeAll(async () => {
  server = await startFhirServer()
  const observations = [
    pressure('bp1', 120, 80),
    pressure('bp2', 90, 120),
    { id: 'glucose', ...coded('2339-0'), valueQuantity: quantity(540, 'mg/dL') },
    { id: 'fever', ...coded('8310-5'), valueQuantity: quantity(101.3, '[degF]') },
    { id: 'group', ...coded('883-9'), valueCodeableConcept: { coding: [{ system: 'urn:g', code: 'A$|\\B' }] } },
    { id: 'own', ...coded('883-9', 'urn:own'), valueCodeableConcept: { coding: [{ code: 'O' }] } },
    { id: 'when', ...coded('11778-8'), valueDateTime: '2025-03-05' },
    { id: 'note', ...coded('48767-8'), valueString: 'Überweisung an Dr. No' },
    { id: 'other', ...coded('2339-0'), valueQuantity: { value: 540, unit: 'Einheiten' } },
  ]
  for (const each of observations) {
    await server.put({ resourceType: 'Observation', ...(each as { id: string }) })
  }
  await server.put({
    resourceType: 'DocumentReference',
    id: 'd',
    relatesTo: [{ code: 'replaces', target: { reference: 'DocumentReference/1' } }],
  })
  await server.put({
    resourceType: 'Group',
    id: 'g',
    characteristic: [
      { ...coded('gender', 'urn:c'), valueCodeableConcept: { coding: [{ system: 'urn:x', code: 'mixed' }] } },
      { ...coded('owner', 'urn:c'), valueBoolean: true },
    ],
  })
  await server.put({
    resourceType: 'MolecularSequence',
    id: 's',
    referenceSeq: { chromosome: { coding: [{ system: 'urn:chr', code: '1' }] }, windowStart: 100, windowEnd: 200 },
    variant: [
      { start: 1, end: 5 },
      { start: 10, end: 50 },
    ],
  })
  await server.put({
    resourceType: 'ValueSet',
    id: 'v',
    useContext: [
      { code: { system: 'urn:u', code: 'age' }, valueRange: { low: { value: 5 }, high: { value: 10 } } },
      { code: { system: 'urn:u', code: 'focus' }, valueCodeableConcept: { coding: [{ code: 'x' }] } },
    ],
  })
})
afterAll(() => server.stop())

test.each([
  ['Observation?component-code-value-quantity=http://loinc.org|8480-6$gt100', 'bp1'],
  ['Observation?component-code-value-quantity=8480-6$gt100', 'bp1'],
  ['Observation?component-code-value-quantity=8480-6$lt100', 'bp2'],
  ['Observation?component-code-value-quantity=8480-6$120', 'bp1'],
  ['Observation?component-code-value-quantity=8480-6$120||mm[Hg]', 'bp1'],
  ['Observation?component-code-value-quantity=8480-6$120|http://unitsofmeasure.org|mm[Hg]', 'bp1'],
  ['Observation?component-code-value-quantity=8480-6$16.0|http://unitsofmeasure.org|kPa', 'bp1'],
  ['Observation?component-code-value-quantity=8480-6$gt100,8462-4$gt100', 'bp1 bp2'],
  ['Observation?component-code-value-quantity=8480-6$gt100&component-code-value-quantity=8462-4$gt100', ''],
  ['Observation?component-code-value-quantity=urn:other|8480-6$gt100', ''],
  ['Observation?component-code-value-quantity=|8480-6$gt100', ''],
  ['Observation?code-value-quantity=8480-6$gt100', ''],
  ['Observation?code-value-quantity=2339-0$5.4|http://unitsofmeasure.org|g/L', 'glucose'],
  ['Observation?code-value-quantity=http://loinc.org|2339-0$ge5.4|http://unitsofmeasure.org|g/L', 'glucose'],
  ['Observation?code-value-quantity=2339-0$540', 'glucose other'],
  ['Observation?code-value-quantity=2339-0$540||Einheiten', 'other'],
  ['Observation?combo-code-value-quantity=8480-6$gt100,2339-0$gt500', 'bp1 glucose other'],
  ['Observation?combo-code-value-quantity:missing=false', 'bp1 bp2 fever glucose other'],
  ['Observation?code-value-quantity:missing=false', 'fever glucose other'],
  ['Observation?code-value-date=11778-8$2025', 'when'],
  ['Observation?code-value-date=http://loinc.org|11778-8$gt2025-03-04', 'when'],
  ['Observation?code-value-date=11778-8$lt2025', ''],
  ['Observation?code-value-date:missing=false', 'when'],
  ['Observation?code-value-string=48767-8$uberw', 'note'],
  ['Observation?code-value-string=http://loinc.org|48767-8$uberweisung an dr no', 'note'],
  ['Observation?code-value-string=urn:x|48767-8$uberw', ''],
  ['Observation?code-value-concept=883-9$A\\$\\|\\\\B', 'group'],
  ['Observation?code-value-concept=http://loinc.org|883-9$urn:g|A\\$\\|\\\\B', 'group'],
  ['Observation?code-value-concept=883-9$urn:g|A\\$\\|\\\\B', 'group'],
  ['Observation?code-value-concept=883-9$O', 'own'],
  ['Observation?code-value-concept=883-9$|O', 'own'],
  ['Observation?code-value-concept=883-9$urn:g|O', ''],
  ['Observation?combo-code-value-concept=urn:own|883-9$O', 'own'],
  ['DocumentReference?relationship=replaces$DocumentReference/1', 'd'],
  ['DocumentReference?relationship=http://hl7.org/fhir/document-relationship-type|replaces$1', 'd'],
  ['DocumentReference?relationship=signs$1', ''],
  ['Group?characteristic-value=gender$mixed', 'g'],
  ['Group?characteristic-value=urn:c|owner$true', 'g'],
  ['Group?characteristic-value=gender$true', ''],
  ['MolecularSequence?chromosome-variant-coordinate=1$ge10$le50', 's'],
  ['MolecularSequence?chromosome-variant-coordinate=urn:chr|1$10$50', 's'],
  ['MolecularSequence?chromosome-variant-coordinate=1$1$50', ''],
  ['MolecularSequence?chromosome-window-coordinate=1$lt150$gt150', 's'],
  ['ValueSet?context-type-quantity=age$lt6', 'v'],
  ['ValueSet?context-type-quantity=focus$lt6', ''],
  ['ValueSet?context-type-value=urn:u|focus$x', 'v'],
  ['Patient?_has:Observation:subject:code-value-quantity=2339-0$540', ''],
])('%s finds %s', async (search, ids) => {
  expect((await server.ids(search)).sort().join(' ')).toBe(ids)
})

test.each([
  ['Observation?value-quantity=5.4|http://unitsofmeasure.org|g/L', 'glucose'],
  ['Observation?value-quantity=540|http://unitsofmeasure.org|mg/dL', 'glucose'],
  ['Observation?value-quantity=gt5.3|http://unitsofmeasure.org|kg/m3', 'glucose'],
  ['Observation?value-quantity=38.5|http://unitsofmeasure.org|Cel', 'fever'],
  ['Observation?value-quantity=ap38|http://unitsofmeasure.org|Cel', 'fever'],
  ['Observation?value-quantity=540||mg/dL', 'glucose'],
  ['Observation?value-quantity=540', 'glucose other'],
  ['Observation?value-quantity=540|http://unitsofmeasure.org|', 'glucose'],
  ['Observation?combo-value-quantity=120|http://unitsofmeasure.org|mm[Hg]', 'bp1 bp2'],
  ['Observation?combo-code=8480-6,2339-0&_sort=combo-code', 'glucose other bp1 bp2'],
  ['Observation?combo-code:not=8480-6&combo-value-quantity:missing=false', 'fever glucose other'],
])('%s finds %s', async (search, ids) => {
  const found = await server.ids(search)
  expect((search.includes('_sort') ? found : found.sort()).join(' ')).toBe(ids)
})

test.each([
  ['Observation?code-value-quantity=2339-0', 'takes code$value-quantity'],
  ['Observation?code-value-quantity=2339-0$5$6', 'takes code$value-quantity'],
  ['Observation?code-value-quantity=$5', 'takes code$value-quantity'],
  ['Observation?code-value-quantity=http://loinc.org|$5', 'system| is not enough'],
  ['Observation?code-value-quantity=2339-0$x', '"value-quantity" has a value that is no number'],
  ['Observation?code-value-date=2339-0$x', 'no date'],
  ['Observation?code-value-quantity:not=2339-0$5', 'known are :missing.'],
  ['Observation?_sort=code-value-quantity', 'cannot be sorted'],
])('%s is refused: %s', async (search, reason) => {
  const { status, json } = await server.get(search)
  expect([status, json.issue?.[0]?.diagnostics]).toEqual([400, expect.stringContaining(reason)])
})
