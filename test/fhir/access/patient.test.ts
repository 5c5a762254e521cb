/** A token for one patient's records, on every path there is: nothing of another patient comes out (checklist 1.20). */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { bearer, callersOf } from '../../support/callers.ts'
import { type Answer, type FhirServer, idsOf, startFhirServer } from '../../support/fhir-server.ts'
import { hidden, observation, reference, samples, seen, shared, tokens } from '../../support/two-patients.ts'

let server: FhirServer
beforeAll(async () => {
  server = await startFhirServer({ callerOf: callersOf(tokens) })
  for (const sample of samples) await server.put(sample)
})
afterAll(() => server.stop())

function get(path: string, token = 'all'): Promise<Answer> {
  return server.get(path, bearer(token))
}

async function names(path: string, token = 'all'): Promise<string[]> {
  const { status, json, text } = await get(path, token)
  if (status !== 200) throw new Error(`${status} ${text}`)
  return (json.entry ?? []).map(({ resource }) => `${resource?.resourceType}/${resource?.id}`).sort()
}

test('a read by id finds what is theirs and what all share; anything else never was (X1, X21, X23)', async () => {
  for (const token of ['all', 'clinician']) {
    for (const name of [...seen, ...shared, 'Binary/b1']) {
      expect(`${name} ${(await get(name, token)).status}`).toBe(`${name} 200`)
    }
    for (const name of hidden) {
      const never = await get(name.replace(/[^/]+$/, 'never-was'), token)
      for (const path of [name, `${name}/_history`, `${name}/_history/1`, `${name}/$meta`, `${name}/$lineage`]) {
        const answer = await get(path, token)
        expect(`${path} ${answer.status} ${answer.text}`).toBe(`${path} 404 ${never.text}`)
      }
    }
  }
})

test('searches, their totals and their counts are of what is theirs (X6, X7)', async () => {
  expect(await names('Observation')).toEqual(['Observation/o1', 'Observation/o4'])
  expect((await get('Observation?_summary=count')).json.total).toBe(2)
  expect((await get('Observation?_total=accurate&_count=1')).json.total).toBe(2)
  expect((await get('Observation?code=urn:c|1&_total=accurate&_count=1')).json.total).toBe(2)
  expect((await get('?_summary=count')).json.total).toBe(seen.length + shared.length)
  expect(await names('?_count=100')).toEqual([...seen, ...shared].sort())
  expect(await names('Patient/p1/*')).toEqual(seen.filter((name) => name !== 'Patient/p2'))
  for (const query of ['patient=p2', 'patient=never', 'subject=Patient/p2', 'encounter=Encounter/e2', 'encounter=e9']) {
    const { status, json } = await get(`Observation?${query}`)
    expect([status, json.total, json.entry]).toEqual([200, 0, undefined])
  }
  expect(await names('Observation?_sort=-_lastUpdated')).toEqual(['Observation/o1', 'Observation/o4'])
  expect(await names('Observation?_lastUpdated=gt2000')).toEqual(['Observation/o1', 'Observation/o4'])
  expect(await names('Observation?_filter=value-quantity gt 0')).toEqual(['Observation/o1', 'Observation/o4'])
  expect(await names('Patient?_id=p1,p2&_elements=id')).toEqual(['Patient/p1'])
})

test('the compartment of another patient is as one that never was', async () => {
  for (const path of ['Patient/p2/Observation', 'Patient/p2/*', 'Patient/p2/$everything', 'Patient/p2/$summary']) {
    const never = await get(path.replace('p2', 'never-was'))
    const answer = await get(path)
    expect([answer.status, answer.text]).toEqual([404, never.text])
  }
  // Who may not even ask for patients is told nothing by it
  expect(await names('Patient/p2/Observation', 'observations')).toEqual([])
  expect(await names('Patient/never-was/Observation', 'observations')).toEqual([])
  expect(await names('Patient/p1/Observation', 'observations')).toEqual(['Observation/o1', 'Observation/o4'])
})

test('includes bring nothing of others, and nothing of types without a scope (X2)', async () => {
  const all = '_include=*&_include:iterate=*&_revinclude=*&_revinclude:iterate=*'
  const found = await names(`Observation?${all}`)
  expect(found.filter((name) => hidden.includes(name))).toEqual([])
  expect(found).toEqual(expect.arrayContaining(['Encounter/e1', 'Practitioner/d', 'Patient/p1']))
  const iterated =
    '_include=Observation:has-member&_include:iterate=Observation:encounter&_include=Observation:derived-from'
  expect(await names(`Observation?${iterated}`)).toEqual(['Encounter/e1', 'Observation/o1', 'Observation/o4'])
  expect(await names('Encounter?_revinclude=Observation:encounter')).toEqual(['Encounter/e1', 'Observation/o1'])
  expect(await names(`Observation?${all}`, 'observations')).toEqual(['Observation/o1', 'Observation/o4'])
  expect(await names('Patient?_revinclude=*', 'patientOnly')).toEqual(['Patient/p1'])
})

test('chains and _has see what the token sees, so they tell nothing of the rest (X4, X5)', async () => {
  // hers exists and his does not differ by it
  for (const value of ['gt0', 'gt1', 'gt5']) {
    expect(await names(`Patient?_has:Observation:patient:value-quantity=${value}`, 'patientOnly')).toEqual([])
  }
  expect(await names('Patient?_has:Observation:patient:value-quantity=gt0')).toEqual(['Patient/p1'])
  expect(await names('Patient?_has:Observation:patient:value-quantity=gt1')).toEqual([])
  expect(await names('Observation?subject:Patient.name=Two')).toEqual([])
  expect(await names('Observation?subject:Patient.name=One')).toEqual(['Observation/o1', 'Observation/o4'])
  expect(await names('Observation?subject:Patient.name=One', 'observations')).toEqual([])
  expect(await names('Observation?has-member.value-quantity=2')).toEqual([])
  expect(await names('Observation?_filter=subject.name eq One', 'observations')).toEqual([])
  expect(await names('Practitioner?_has:Patient:general-practitioner:name=Two')).toEqual([])
  expect(await names('Patient?_list=mixed')).toEqual([])
})

test('a page that somebody else was given is not for this token (X3)', async () => {
  const next = (await get('Observation?_count=1')).json.link?.find(({ relation }) => relation === 'next')?.url ?? ''
  expect((await get(next)).status).toBe(200)
  expect((await get(next, 'second')).status).toBe(400)
  expect((await get(next, 'patientOnly')).status).toBe(403)
})

test('$everything, the compartment and searches of each type are the same set (X15)', async () => {
  const searched = (await names('?_count=100')).filter((name) => seen.includes(name))
  const compartment = await names('Patient/p1/*')
  const everything = (await names('Patient/p1/$everything')).filter((name) => !shared.includes(name))
  expect(compartment).toEqual(searched)
  expect(everything).toEqual(expect.arrayContaining(searched))
  expect(everything.filter((name) => hidden.includes(name))).toEqual([])
  expect((await names('Patient/$everything')).filter((name) => hidden.includes(name))).toEqual([])
})

test('GraphQL finds what REST finds (X12)', async () => {
  const query = `{ ObservationList { id subject { resource { ... on Patient { id } } } hasMember { resource { ... on Observation { id } } } } }`
  const { json } = await get(`$graphql?query=${encodeURIComponent(query)}`)
  const { data } = json as unknown as { data: { ObservationList: { id: string; hasMember?: unknown[] }[] } }
  expect(data.ObservationList.map(({ id }) => id)).toEqual(['o1', 'o4'])
  expect(JSON.stringify(data)).not.toContain('o2')
  const hers = await get(`$graphql?query=${encodeURIComponent('{ Patient(id: "p2") { id } }')}`)
  const never = await get(`$graphql?query=${encodeURIComponent('{ Patient(id: "never-was") { id } }')}`)
  expect(hers.text).toBe(never.text)
  const other = await get(`$graphql?query=${encodeURIComponent('{ ObservationList { id } }')}`, 'patientOnly')
  expect(other.text).toContain('forbidden')
  expect(other.text).not.toContain('o1')
  const back =
    '{ Patient(id: "p1") { ObservationList(_reference: patient) { id } EncounterList(_reference: patient) { id } } }'
  expect((await get(`$graphql?query=${encodeURIComponent(back)}`)).text).not.toMatch(/"(o2|o3|e2)"/)
})

test('$lastn, $match and $meta are of what is theirs', async () => {
  expect(await names('Observation/$lastn?code=urn:c|1&max=9')).toEqual(['Observation/o1', 'Observation/o4'])
  await server.put({ ...observation('o2', 'p2'), meta: { tag: [{ system: 'urn:t', code: 'hers' }] } })
  expect((await get('Observation/$meta')).text).not.toContain('hers')
  expect((await get('$meta')).text).not.toContain('hers')
  const resource = {
    resourceType: 'Patient',
    name: [{ family: 'Two' }],
    identifier: [{ system: 'urn:mrn', value: 'p2' }],
  }
  const body = { resourceType: 'Parameters', parameter: [{ name: 'resource', resource }] }
  const { json } = await server.send('POST', 'Patient/$match', body, bearer('all').headers)
  expect(json.entry).toBeUndefined()
})

test('the history of all is that of theirs, and what was hers once is not (X8)', async () => {
  await server.put(observation('moved', 'p2'))
  await server.put(observation('moved', 'p1', { status: 'corrected' }))
  await server.put(observation('lost', 'p1'))
  await server.put(observation('lost', 'p2', { status: 'corrected' }))
  await server.put(observation('ended', 'p1'))
  await server.put(observation('ended', 'p1'), { deleted: true })
  await server.put(observation('ended2', 'p2'))
  await server.put(observation('ended2', 'p2'), { deleted: true })
  const urls = async (path: string): Promise<string[]> => {
    const { status, json } = await get(path)
    expect([status, json.total === undefined || json.total === json.entry?.length]).toEqual([200, true])
    return (json.entry ?? []).map(({ fullUrl, response }) => `${fullUrl?.replace(/.*R4\//, '')} ${response?.etag}`)
  }
  const wanted = ['ended W/"1"', 'ended W/"2"', 'moved W/"2"', 'o1 W/"1"', 'o4 W/"1"'].map((id) => `Observation/${id}`)
  expect((await urls('Observation/_history')).sort()).toEqual(wanted)
  expect((await urls('Observation/_history?_at=2100-01-01')).sort()).not.toContain('Observation/lost W/"1"')
  const system = await urls('_history?_count=100')
  expect(system.filter((url) => url.startsWith('Observation/')).sort()).toEqual(wanted)
  expect(system.filter((url) => hidden.some((name) => url.startsWith(`${name} `)))).toEqual([])
  const pages = [await get('Observation/_history?_count=2')]
  for (let next = pages[0]?.json.link?.find(({ relation }) => relation === 'next'); next;) {
    const page = await get(next.url)
    pages.push(page)
    next = page.json.link?.find(({ relation }) => relation === 'next')
  }
  expect(pages.flatMap(({ json }) => json.entry ?? [])).toHaveLength(wanted.length)
  expect(await urls('Observation/moved/_history')).toEqual(['Observation/moved W/"2"'])
  expect((await get('Observation/moved/_history/1')).status).toBe(404)
  expect((await get('Observation/lost/_history/1')).status).toBe(404)
  expect((await get('Observation/lost')).status).toBe(404)
  expect((await get('Observation/ended')).status).toBe(410)
  expect((await get('Observation/ended/_history/2')).status).toBe(410)
  expect((await get('Observation/ended/_history/1')).status).toBe(200)
  // Deleted, and never to be seen: as what never was (X16)
  const never = await get('Observation/never-was')
  for (const path of ['Observation/ended2', 'Observation/ended2/_history', 'Observation/ended2/_history/1']) {
    const answer = await get(path)
    expect([answer.status, answer.text]).toEqual([404, never.text])
  }
})

test('the bytes of a Binary are had by who sees what it belongs to (X22)', async () => {
  const native = { headers: { ...bearer('all').headers, Accept: 'text/plain' } }
  expect((await server.get('Binary/b1', native)).text).toBe('x')
  expect((await server.get('Binary/b1/_history/1', native)).text).toBe('x')
  for (const id of ['b2', 'b3', 'never-was']) {
    expect((await server.get(`Binary/${id}`, native)).status).toBe(404)
    expect((await server.get(`Binary/${id}`, { headers: { ...native.headers, Range: 'bytes=0-0' } })).status).toBe(404)
    expect((await server.get(`Binary/${id}/_history/1`, native)).status).toBe(404)
  }
  expect((await get('Binary/b1', 'observations')).status).toBe(403)
  await server.put({
    resourceType: 'Binary',
    id: 'b2',
    contentType: 'text/plain',
    securityContext: reference('Patient/p1'),
    data: 'eA==',
  })
  expect((await get('Binary/b2')).status).toBe(200)
  expect((await get('Binary/b2/_history/1')).status).toBe(404)
})

test('staff sees the whole clinic as far as scope and role go', async () => {
  expect(idsOf((await get('Patient', 'staff')).json).sort()).toEqual(['p1', 'p2'])
  expect((await get('Group/both', 'staff')).status).toBe(200)
  expect((await get('Observation/o2/_history', 'staff')).json.total).toBeGreaterThan(0)
})
