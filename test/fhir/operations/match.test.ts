/** Patient/$match over HTTP. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { wordSimilarity } from '../../../src/fhir/matching/similarity.ts'
import type { FhirServer } from '../../support/fhir-server.ts'
import { startFhirServer } from '../../support/fhir-server.ts'

const NATIONAL = 'urn:national'

const layla = {
  resourceType: 'Patient',
  name: [{ family: 'Haddad', given: ['Layla'] }],
  birthDate: '1980-05-04',
  gender: 'female',
  telecom: [{ system: 'phone', value: '+971 50 123 4567' }],
  identifier: [{ system: NATIONAL, value: '784-1980-1234567-1' }],
}

let server: FhirServer
beforeAll(async () => {
  server = await startFhirServer()
  const put = (id: string, elements: object): Promise<string> =>
    server.put({ resourceType: 'Patient', id, ...elements })
  await put('hms-1', { ...layla, meta: { source: 'https://x/source/hms/patients/1' } })
  await put('healthapi-7', {
    meta: { source: 'https://x/source/healthapi/user/7' },
    name: [{ text: 'Laila  HADDAD' }],
    birthDate: '1980-05-04',
    telecom: [{ system: 'phone', value: '0501234567' }],
  })
  await put('sister', { name: [{ family: 'Haddad', given: ['Lina'] }], birthDate: '1984-11-20', gender: 'female' })
  await put('same-day', { name: [{ family: 'Schmidt', given: ['Otto'] }], birthDate: '1980-05-04', gender: 'male' })
  await put('typo', { name: [{ family: 'Hadad', given: ['Layla'] }], birthDate: '1980-05-04', gender: 'female' })
  await put('swapped', { name: [{ family: 'Haddad', given: ['Layla'] }], birthDate: '1980-04-05', gender: 'female' })
  await put('arabic', { name: [{ text: 'فاطمة أحمد' }], birthDate: '1990-01-01' })
  await server.store.tenants.insertOne({ _id: 'north', instance: 'q', key: '1', name: 'North' })
  await server.put({ ...layla, resourceType: 'Patient', id: 'elsewhere' }, { tenant: 'north' })
})
afterAll(() => server.stop())

interface Match {
  readonly id: string
  readonly grade: string
  readonly score: number
}

async function matches(resource: object, ...others: object[]): Promise<Match[]> {
  const parameter = [{ name: 'resource', resource }, ...others]
  const { status, json } = await server.send('POST', 'Patient/$match', { resourceType: 'Parameters', parameter })
  expect(status).toBe(200)
  return (json.entry ?? []).map(({ resource: found, search }) => {
    const { score, extension } = search as unknown as { score: number; extension: { url: string; valueCode: string }[] }
    expect(extension[0]?.url).toBe('http://hl7.org/fhir/StructureDefinition/match-grade')
    return { id: found?.id ?? '', grade: extension[0]?.valueCode ?? '', score }
  })
}

test('one human is found in several systems, best first, and others of the name or the day are not', async () => {
  const found = await matches(layla)
  expect(found.slice(0, 2).map(({ id, grade }) => [id, grade])).toEqual([
    ['hms-1', 'certain'],
    ['healthapi-7', 'certain'],
  ])
  expect(
    found
      .slice(2)
      .map(({ id }) => id)
      .sort(),
  ).toEqual(['swapped', 'typo'])
  expect(found.map(({ score }) => score)).toEqual(found.map(({ score }) => score).sort((a, b) => b - a))
  expect(found[0]?.score).toBe(1)
})

test('an identifier is found without its hyphens’ system, a name in other letters of Arabic', async () => {
  const { name, birthDate, gender } = layla
  const identifier = [{ system: 'urn:other', value: '784-1980-1234567-1' }]
  expect((await matches({ resourceType: 'Patient', name, birthDate, gender, identifier }))[0]?.grade).toBe('certain')
  const arabic = await matches({ resourceType: 'Patient', name: [{ text: 'فاطمه احمد' }], birthDate: '1990-01-01' })
  expect(arabic).toMatchObject([{ id: 'arabic', grade: 'probable' }])
})

test('little told is little known', async () => {
  expect(await matches({ resourceType: 'Patient', gender: 'female' })).toEqual([])
  expect(await matches({ resourceType: 'Patient', name: layla.name })).toEqual([])
})

test('words in place of a number say nothing, and are not taken for the same', async () => {
  const namesake = { resourceType: 'Patient', name: layla.name, birthDate: layla.birthDate }
  const telecom = (value: string) => [{ system: 'phone', value }]
  const identifier = (value: string) => [{ system: 'urn:card', value }]
  const stored = { ...namesake, telecom: telecom('none'), identifier: identifier('-') }
  await server.put({ ...stored, id: 'unnumbered' })
  const found = await matches({ ...namesake, telecom: telecom('unknown'), identifier: identifier('000') })
  expect(found.find(({ id }) => id === 'unnumbered')?.grade).toBe('probable')
  const arabic = await matches({ ...namesake, telecom: telecom('٠٥٠١٢٣٤٥٦٧') })
  const certain = arabic.filter(({ grade }) => grade === 'certain').map(({ id }) => id)
  expect(certain.sort()).toEqual(['healthapi-7', 'hms-1'])
  await server.put({ ...stored, id: 'unnumbered' }, { deleted: true })
})

test('only certain ones come where only these are wanted, none where two of one system are certain', async () => {
  const only = { name: 'onlyCertainMatches', valueBoolean: true }
  expect((await matches(layla, only)).map(({ id }) => id)).toEqual(['hms-1', 'healthapi-7'])
  await server.put({
    ...layla,
    resourceType: 'Patient',
    id: 'hms-2',
    meta: { source: 'https://x/source/hms/patients/2' },
  })
  expect(await matches(layla, only)).toEqual([])
  await server.put({ resourceType: 'Patient', id: 'hms-2' }, { deleted: true })
})

test('count bounds the answer, and a Patient alone is the resource', async () => {
  expect(await matches(layla, { name: 'count', valueInteger: 1 })).toHaveLength(1)
  const { json } = await server.send('POST', 'Patient/$match?count=1', layla)
  expect(json.entry).toHaveLength(1)
})

test.each([
  ['no Patient', { resourceType: 'Observation', status: 'final', code: { text: 'x' } }, 400],
  ['a wrong one', { resourceType: 'Patient', gender: 'x' }, 400],
  ['nothing', 'null', 400],
  ['no resource', { resourceType: 'Parameters' }, 400],
])('%s is refused', async (_what, body, status) => {
  expect((await server.send('POST', 'Patient/$match', body)).status).toBe(status)
})

test.each([
  ['martha', 'marhta', 0.961],
  ['dixon', 'dicksonx', 0.813],
  ['same', 'same', 1],
  ['abc', 'xyz', 0],
])('%s and %s are alike by %d', (one, other, expected) => {
  expect(wordSimilarity(one, other)).toBeCloseTo(expected, 3)
})
