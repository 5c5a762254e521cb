/** `_text`, `_content`, `_list` and `Location?near` (R4 search.html#text, #list, location.html#positional). */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { useSearchParameters } from '../../../src/r4/search-parameters.ts'
import { type FhirServer, startFhirServer } from '../../support/fhir-server.ts'

let server: FhirServer
const div = (text: string): object => ({
  status: 'generated',
  div: `<div xmlns="http://www.w3.org/1999/xhtml">${text}</div>`,
})
beforeAll(async () => {
  useSearchParameters([], { words: true })
  server = await startFhirServer()
  await server.put({ resourceType: 'Condition', id: 'bone', text: div('<p>Bone <b>metastases</b></p>') })
  await server.put({ resourceType: 'Condition', id: 'liver', text: div('Metastases&#10;of the liver &amp; spleen') })
  await server.put({ resourceType: 'Condition', id: 'lung', text: div('lung'), note: [{ text: 'No Metastases, yet' }] })
  await server.put({ resourceType: 'Condition', id: 'none', code: { coding: [{ display: 'Bone fracture' }] } })
  await server.put({
    resourceType: 'Patient',
    id: 'p',
    name: [{ family: 'O’Brien-Ñuñez' }],
    contained: [{ resourceType: 'Organization', name: 'Acme' }],
    extension: [{ url: 'urn:x', valueString: 'عيادة أحمد' }],
    generalPractitioner: [{ reference: 'Practitioner/zz', display: 'Dr. Who' }],
  })
  await server.put({ resourceType: 'List', id: 'l1', entry: [{ item: { reference: 'Condition/bone' } }] })
  await server.put({
    resourceType: 'List',
    id: 'l2',
    entry: [{ item: { reference: 'Condition/lung' } }, { item: { reference: 'Patient/p' } }],
  })
  const places = {
    dubai: [25.2048, 55.2708],
    sharjah: [25.3463, 55.4209],
    london: [51.5074, -0.1278],
    fiji: [-17.7, 179.9],
    samoa: [-17.7, -179.9],
  }
  for (const [id, [latitude, longitude]] of Object.entries(places)) {
    await server.put({ resourceType: 'Location', id, position: { latitude, longitude } })
  }
  await server.put({ resourceType: 'Location', id: 'nowhere' })
})
afterAll(() => server.stop())

test.each([
  ['Condition?_text=metastases', 'bone liver'],
  ['Condition?_text=(bone OR liver) and METASTASES', 'bone liver'],
  ['Condition?_text=bone metastases', 'bone'],
  ['Condition?_text=metastases NOT liver', 'bone'],
  ['Condition?_text=liver,lung', 'liver lung'],
  ['Condition?_text=metasta', ''],
  ['Condition?_text=spleen', 'liver'],
  ['Condition?_text=amp', ''],
  ['Condition?_text=generated', ''],
  ['Condition?_text:missing=true', 'none'],
  ['Condition?_content=metastases', 'bone liver lung'],
  ['Condition?_content=bone', 'bone none'],
  ['Condition?_content:missing=false', 'bone liver lung none'],
  ['Patient?_content=obrien', 'p'],
  ['Patient?_content=Nunez', 'p'],
  ['Patient?_content=acme', 'p'],
  ['Patient?_content=احمد عيادة', 'p'],
  ['Patient?_content=who', 'p'],
  ['Patient?_content=zz', ''],
  ['Patient?_text=who', ''],
  ['Condition?_list=l1', 'bone'],
  ['Condition?_list=l1,l2', 'bone lung'],
  ['Patient?_list=l2&_content=acme', 'p'],
  ['Condition?_list=l3', ''],
  ['Location?near=25.2048|55.2708', 'dubai'],
  ['Location?near=25.2048|55.2708|30|km', 'dubai sharjah'],
  ['Location?near=25.2048|55.2708|30', 'dubai sharjah'],
  ['Location?near=25.2048|55.2708|14|mi', 'dubai sharjah'],
  ['Location?near=25.2048|55.2708|13|[mi_i]', 'dubai'],
  ['Location?near=25.2048|55.2708|22000|m', 'dubai sharjah'],
  ['Location?near=25.2048|55.2708|0', 'dubai'],
  ['Location?near=-17.7|180|20|km', 'fiji samoa'],
  ['Location?near=0|0|30000|km', 'dubai fiji london samoa sharjah'],
  ['Location?near=51.5|0,25.3|55.3|10', 'london'],
  ['Location?near:missing=true', 'nowhere'],
  ['Location?_has:Encounter:location:_content=x', ''],
])('%s finds %s', async (search, ids) => {
  expect((await server.ids(search)).sort().join(' ')).toBe(ids)
})

test.each([
  ['Condition?_text=(bone', 'takes words'],
  ['Condition?_text=bone)', 'takes words'],
  ['Condition?_text=or', 'takes words'],
  ['Condition?_text=...', 'takes words'],
  ['Condition?_text=not bone', 'beside those that are not'],
  [`Condition?_text=${'a '.repeat(51)}`, 'more than 50 words'],
  ['Condition?_text:contains=bone', 'known are :missing.'],
  ['Condition?_sort=_text', 'cannot be sorted'],
  ['Condition?_list=$current-problems', 'takes the id of a List'],
  ['Condition?_query=x', 'no named queries'],
  ['Patient?phonetic=x', 'how they sound'],
  ['Location?near=x|y', '"near" takes'],
  ['Location?near=91|0', '"near" takes'],
  ['Location?near=1|1|5|kg', '"near" takes'],
  ['Location?near=1|1|-5', '"near" takes'],
  ['Location?near:not=1|1', 'known are :missing.'],
])('%s is refused: %s', async (search, reason) => {
  const { status, json } = await server.get(search)
  expect([400, 413]).toContain(status)
  expect(json.issue?.[0]?.diagnostics).toContain(reason)
})
