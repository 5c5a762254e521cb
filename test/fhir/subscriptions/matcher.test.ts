import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { matcherOf, candidateOf } from '../../../src/fhir/subscriptions/matcher.ts'
import { defaultLimits } from '../../../src/kernel/limits.ts'
import type { VersionDocument } from '../../../src/store/documents.ts'
import type { FhirServer, Sample } from '../../support/fhir-server.ts'
import { startFhirServer } from '../../support/fhir-server.ts'

let server: FhirServer

beforeAll(async () => {
  server = await startFhirServer()
  for (const sample of samples) await server.put(sample)
})

afterAll(() => server.stop())

const LOINC = 'http://loinc.org'
const values: readonly object[] = [
  { valueQuantity: { value: 7.5, unit: 'mmol/L', system: 'http://unitsofmeasure.org', code: 'mmol/L' } },
  { valueQuantity: { value: 120, code: 'mg/dL', system: 'http://unitsofmeasure.org' } },
  { valueString: 'Señora positive' },
  { valueCodeableConcept: { coding: [{ system: LOINC, code: 'LA6576-8' }], text: 'Positive' } },
  {},
]
const times = ['2026', '2026-03', '2026-03-01T09:00:00+02:00', '2020-01-01', undefined]

/** Every combination of what searches tell apart. */
const samples: Sample[] = values.flatMap((value, a) =>
  times.map((time, b) => ({
    resourceType: 'Observation',
    id: `o${a}${b}`,
    status: ['final', 'amended', 'preliminary'][(a + b) % 3],
    code: { coding: [{ system: LOINC, code: ['1-8', '2-6'][a % 2] }], text: ['Sodium', 'Glucose, blood'][b % 2] },
    ...(b !== 3 && { category: [{ coding: [{ code: b % 2 === 0 ? 'laboratory' : 'vital-signs' }] }] }),
    ...(a !== 2 && { subject: { reference: `Patient/p${b % 3}` } }),
    ...(a === 3 && { identifier: [{ system: 'urn:a', value: `${a}|${b}` }] }),
    ...(time !== undefined && { effectiveDateTime: time }),
    ...value,
  })),
)

const searches = [
  ...['', 'status=final', 'status=final,amended', 'status:not=final', 'code=1-8', `code=${LOINC}|1-8`, 'code=|1-8'],
  ...[`code=${LOINC}|`, 'code:text=sod', 'category=laboratory', 'category:missing=true', 'category:not=laboratory'],
  ...[
    'patient=p1',
    'subject=Patient/p1',
    'subject:Patient=p2',
    'patient:missing=true',
    'subject=Patient/p1,Patient/p2',
  ],
  ...[
    'date=2026',
    'date=ge2026-02',
    'date=lt2026-03-01',
    'date=sa2020',
    'date=eb2026',
    'date=ne2026',
    'date=ap2026-03',
  ],
  ...['date:missing=true', 'date=ge2026&date=lt2027', 'value-quantity=gt7', 'value-quantity=7.5||mmol/L'],
  ...[
    'value-quantity=lt8.0,gt100',
    'value-quantity=ne120',
    'value-string=senora',
    'value-string:exact=Señora positive',
  ],
  ...['value-string:contains=POS', 'value-concept=LA6576-8', 'value-concept:missing=false', 'identifier=urn:a|3\\|1'],
  ...['code-value-quantity=1-8$gt7', 'status=final&category=laboratory&patient=p0', '_id=o00,o11', '_id=nothing'],
  ...[
    '_lastUpdated=gt2020',
    '_lastUpdated=lt2020',
    'combo-code=2-6',
    'code:missing=false',
    'data-absent-reason:missing=true',
  ],
]

test.each(searches)('in memory as in the database: Observation?%s', async (query) => {
  const place = {
    tenant: 'default',
    base: `${server.origin}/fhir/R4`,
    limits: defaultLimits,
    writeBack: server.writeBack,
  }
  const fits = matcherOf(place, 'Observation', query)
  const versions: VersionDocument[] = await server.store.versions.find().toArray()
  const inMemory = versions.flatMap((version) => {
    const candidate = candidateOf(version)
    return candidate && fits(candidate) ? [version._id.split('/')[2] ?? ''] : []
  })
  const found = await server.ids(`Observation?${encodeURI(query)}&_count=1000`)
  expect(inMemory.sort()).toEqual(found.sort())
})

test('the searches tell the samples apart', async () => {
  const counts = await Promise.all(searches.map((query) => server.ids(`Observation?${encodeURI(query)}&_count=1000`)))
  const telling = counts.filter((ids) => ids.length > 0 && ids.length < samples.length)
  expect(telling.length).toBeGreaterThan(30)
})
