import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { ValueSet, ValueSetExpansionContains } from '@medplum/fhirtypes'
import { structureProblems } from '../../../src/r4/structure.ts'
import type { Answer, FhirServer } from '../../support/fhir-server.ts'
import { allColours, diagnosticsOf, startTerminologyServer } from '../../support/terminology-server.ts'

const CATEGORIES = 'https://interop.example.org/ValueSet/sop-disease-categories'
let server: FhirServer

beforeAll(async () => {
  server = await startTerminologyServer()
})
afterAll(() => server.stop())

function expanded({ status, text }: Answer): NonNullable<ValueSet['expansion']> {
  if (status !== 200) throw new Error(text)
  const valueSet = JSON.parse(text) as ValueSet
  expect(structureProblems(valueSet as never)).toEqual([])
  return valueSet.expansion as NonNullable<ValueSet['expansion']>
}

async function expand(query: string, headers: Record<string, string> = {}) {
  return expanded(await server.get(`ValueSet/$expand?${query}`, { headers }))
}

function displays({ contains = [] }: { contains?: ValueSetExpansionContains[] }): (string | undefined)[] {
  return contains.flatMap((each) => [each.display, ...displays(each)])
}

function codes({ contains = [] }: { contains?: ValueSetExpansionContains[] }): (string | undefined)[] {
  return contains.flatMap((each) => [each.code, ...codes(each)])
}

test('a value set of R4 is expanded by its url, with where the codes are from', async () => {
  const expansion = await expand('url=http://hl7.org/fhir/ValueSet/administrative-gender')
  expect(codes(expansion)).toEqual(['male', 'female', 'other', 'unknown'])
  expect(expansion.total).toBe(4)
  expect(expansion.identifier).toMatch(/^urn:uuid:/)
  expect(expansion.parameter).toContainEqual({
    name: 'version',
    valueUri: 'http://hl7.org/fhir/administrative-gender|4.0.1',
  })
})

test('codes stand under their parents; flat where that is asked, or where pages are', async () => {
  const [warm, puce] = (await expand('url=urn:vs:colours')).contains ?? []
  expect(warm).toMatchObject({
    code: 'warm',
    abstract: true,
    contains: [{ code: 'red', contains: [{ code: 'crimson' }] }, { code: 'orange' }],
  })
  expect(puce).toMatchObject({ code: 'puce', inactive: true })
  const flat = await expand('url=urn:vs:colours&excludeNested=true')
  expect(flat.contains?.map(({ code }) => code)).toEqual(['warm', 'red', 'crimson', 'orange', 'puce'])
  const page = await expand('url=urn:vs:colours&offset=1&count=2')
  expect(page.contains?.map(({ code }) => code)).toEqual(['red', 'crimson'])
  expect(page).toMatchObject({ total: 5, offset: 1 })
})

test('pages together are everything, each code once', async () => {
  const url = 'url=http://terminology.hl7.org/ValueSet/v3-ActCode'
  const { total = 0 } = await expand(`${url}&count=0`)
  expect(total).toBeGreaterThan(1000)
  const all = new Set<string | undefined>()
  for (let offset = 0; offset < total; offset += 400) {
    for (const code of codes(await expand(`${url}&offset=${offset}&count=400`))) all.add(code)
  }
  expect(all.size).toBe(total)
})

test('a filter finds words of code, display and designations, Arabic as people write it', async () => {
  expect(codes(await expand(`url=${CATEGORIES}&filter=derma`))).toEqual(['derma'])
  expect(codes(await expand(`url=${CATEGORIES}&filter=PAED`))).toEqual(['ortho'])
  expect(codes(await expand(`url=${CATEGORIES}&filter=${encodeURIComponent('الامراض')}`))).toEqual(['derma'])
  expect(codes(await expand(`url=${CATEGORIES}&filter=nothing`))).toEqual([])
})

test('displayLanguage is ignored: not here, and Accept-Language is heard too', async () => {
  const arabic = ['جراحة العظام', 'الأمراض الجلدية', 'Cardiology']
  expect(displays(await expand(`url=${CATEGORIES}&displayLanguage=ar`))).toEqual(arabic)
  expect(displays(await expand(`url=${CATEGORIES}&displayLanguage=ar-EG`))).toEqual(arabic)
  const accepts = { 'Accept-Language': 'fr, ar;q=0.8, en;q=0.5' }
  expect(displays(await expand(`url=${CATEGORIES}`, accepts))).toEqual(arabic)
  const english = ['Orthopaedics', 'Dermatology', 'Cardiology']
  expect(displays(await expand(`url=${CATEGORIES}&displayLanguage=en`, accepts))).toEqual(english)
  expect(displays(await expand(`url=${CATEGORIES}`, { 'Accept-Language': 'en-US, ar;q=0.9' }))).toEqual(english)
  expect(displays(await expand('url=urn:vs:colours&displayLanguage=de&filter=red'))).toEqual(['Rot'])
})

test('designations and the definition come when they are asked for, and only then', async () => {
  const plain = await server.get(`ValueSet/$expand?url=${CATEGORIES}`)
  expect(plain.text).not.toContain('compose')
  expect(plain.text).not.toContain('designation')
  const whole = await server.get(`ValueSet/$expand?url=${CATEGORIES}&includeDefinition=true&includeDesignations=true`)
  expect(whole.text).toContain('compose')
  expect(whole.text).toContain('جراحة العظام')
})

test('activeOnly leaves out what is not in use any more, excludeNotForUI what is no choice', async () => {
  expect(codes(await expand('url=urn:vs:colours&activeOnly=true'))).toEqual(['warm', 'red', 'crimson', 'orange'])
  expect(codes(await expand('url=urn:vs:colours&excludeNotForUI=true'))).toEqual(['red', 'crimson', 'orange', 'puce'])
})

test('the catalogue of the tenant is meant, not the fragment that the gateway is started with', async () => {
  expect(codes(await expand(`url=${CATEGORIES}`))).toEqual(['ortho', 'derma', 'cardio'])
  await server.put({
    resourceType: 'CodeSystem',
    id: 'own',
    url: 'urn:own',
    content: 'complete',
    concept: [{ code: 'a' }],
  })
  const own = { include: [{ system: 'urn:own' }] }
  await server.put({ resourceType: 'ValueSet', id: 'own', url: 'urn:vs:own', status: 'active', compose: own })
  expect(codes(await expand('url=urn:vs:own'))).toEqual(['a'])
  expect(codes(expanded(await server.get('ValueSet/own/$expand')))).toEqual(['a'])
  const more = { resourceType: 'CodeSystem', id: 'own', url: 'urn:own', content: 'complete', concept: [{ code: 'b' }] }
  await server.put(more)
  expect(codes(await expand('url=urn:vs:own'))).toEqual(['b'])
})

test('a value set may be sent along', async () => {
  const valueSet = { ...allColours, url: 'urn:vs:sent', compose: { include: [{ valueSet: ['urn:vs:colours'] }] } }
  const body = { resourceType: 'Parameters', parameter: [{ name: 'valueSet', resource: valueSet }] }
  expect(codes(expanded(await server.send('POST', 'ValueSet/$expand', body)))).toHaveLength(5)
  const wrong = await server.send('POST', 'ValueSet/$expand', { ...valueSet, compose: { include: 'all' } })
  expect(wrong.status).toBe(400)
})

test('what is not there is 404 with its canonical, for a version too', async () => {
  const missing = await server.get('ValueSet/$expand?url=urn:vs:no')
  expect([missing.status, diagnosticsOf(missing)]).toEqual([404, 'The value set "urn:vs:no" is not loaded here.'])
  const version = await server.get('ValueSet/$expand?url=urn:vs:colours&valueSetVersion=8')
  expect([version.status, diagnosticsOf(version)]).toEqual([
    404,
    'The value set "urn:vs:colours|8" is not loaded here.',
  ])
  expect((await server.get('ValueSet/$expand')).status).toBe(400)
  expect((await server.get('ValueSet/nobody/$expand')).status).toBe(404)
})

test('codes of a system that is not loaded: a list is expanded, all of them is an error that names the system', async () => {
  const of = (include: object) =>
    server.send('POST', 'ValueSet/$expand', {
      ...allColours,
      compose: { include: [{ system: 'http://snomed.info/sct', ...include }] },
    })
  expect(codes(expanded(await of({ concept: [{ code: '1' }] })))).toEqual(['1'])
  const all = await of({})
  expect([all.status, diagnosticsOf(all)]).toEqual([
    422,
    'The code system "http://snomed.info/sct" is not loaded here: the value set cannot be expanded.',
  ])
})

test('a value set that imports itself is an error, not an endless answer', async () => {
  const circle = { ...allColours, url: 'urn:vs:circle', compose: { include: [{ valueSet: ['urn:vs:circle'] }] } }
  await server.put({ ...circle, id: 'circle' })
  const answer = await server.get('ValueSet/circle/$expand')
  expect(answer.status).toBe(422)
  expect(diagnosticsOf(answer)).toContain('imports itself')
})

test('too many codes for one answer are too costly, in pages they are not', async () => {
  const concept = Array.from({ length: 12_000 }, (_, at) => ({ code: `c${at}` }))
  const many = { ...allColours, url: 'urn:vs:many', compose: { include: [{ system: 'urn:many', concept }] } }
  await server.put({ ...many, id: 'many' })
  const answer = await server.get('ValueSet/many/$expand')
  expect([answer.status, answer.json.issue?.[0]?.code]).toEqual([422, 'too-costly'])
  expect(expanded(await server.get('ValueSet/many/$expand?offset=11990&count=100')).contains).toHaveLength(10)
})

test('a part of a code system says that there may be more', async () => {
  const { extension } = await expand('url=http://hl7.org/fhir/ValueSet/service-type&count=1')
  expect(extension).toEqual([{ url: 'http://hl7.org/fhir/StructureDefinition/valueset-unclosed', valueBoolean: true }])
})
