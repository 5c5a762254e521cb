/** What is labelled as restricted or very restricted: on no path for who has no clearance, and not theirs to relabel. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { bearer, callersOf } from '../../support/callers.ts'
import { type Answer, type FhirServer, type Sample, startFhirServer } from '../../support/fhir-server.ts'

const SYSTEM = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality'
const person = { account: 'a', person: 'Practitioner/d', representing: [] }
const patient = { account: 'p', person: 'Patient/p1', representing: [], permissions: ['*.cruds'] }

const tokens = {
  app: { scope: 'system/*.cruds' },
  cleared: { scope: 'system/*.cruds clearance:R' },
  all: { scope: 'system/*.cruds clearance:V' },
  staff: { scope: 'user/*.cruds', user: { ...person, permissions: ['*.cruds'] } },
  officer: { scope: 'user/*.cruds', user: { ...person, permissions: ['*.cruds', 'clearance:R', 'clearance:V'] } },
  patient: { scope: 'patient/*.cruds', patient: 'p1', user: patient },
}

const marked = (code: string): object => ({ meta: { security: [{ system: SYSTEM, code }] } })
const subject = { reference: 'Patient/p1' }
const observation = (id: string, more: object = {}): Sample => ({
  ...{ resourceType: 'Observation', id, status: 'final', code: { coding: [{ system: 'urn:c', code: id }] }, subject },
  ...{ encounter: { reference: 'Encounter/e' }, ...more },
})
const samples: Sample[] = [
  { resourceType: 'Patient', id: 'p1', name: [{ family: 'One' }] },
  { resourceType: 'Encounter', id: 'e', status: 'finished', class: { code: 'AMB' }, subject },
  { resourceType: 'Encounter', id: 'er', status: 'finished', class: { code: 'AMB' }, subject, ...marked('R') },
  observation('open'),
  observation('normal', marked('N')),
  observation('r', marked('R')),
  observation('v', marked('V')),
  observation('bare', { meta: { security: [{ code: 'R' }] } }),
  observation('via', { encounter: { reference: 'Encounter/er' }, hasMember: [{ reference: 'Observation/r' }] }),
  {
    resourceType: 'DocumentReference',
    id: 'doc',
    status: 'current',
    subject,
    securityLabel: [{ coding: [{ system: SYSTEM, code: 'R' }] }],
  },
]
const hidden = ['Encounter/er', 'Observation/r', 'Observation/v', 'Observation/bare', 'DocumentReference/doc']

let server: FhirServer
beforeAll(async () => {
  server = await startFhirServer({ callerOf: callersOf(tokens) })
  for (const sample of samples) await server.put(sample)
})
afterAll(() => server.stop())

type Token = keyof typeof tokens

function get(path: string, token: Token): Promise<Answer> {
  return server.get(path, bearer(token))
}

async function found(path: string, token: Token): Promise<string[]> {
  const { status, json, text } = await get(path, token)
  if (status !== 200) throw new Error(`${status} ${text}`)
  return (json.entry ?? []).map(({ resource }) => String(resource?.id)).sort()
}

function send(token: Token, method: string, path: string, body?: unknown): Promise<Answer> {
  return server.send(method, path, body, bearer(token).headers)
}

test('who has no clearance reads it nowhere, in the words for what never was', async () => {
  for (const token of ['app', 'staff'] as const) {
    for (const name of hidden) {
      const never = await get(name.replace(/[^/]+$/, 'never-was'), token)
      expect(never.status).toBe(404)
      for (const rest of ['', '/_history', '/_history/1', '/$meta', '/$lineage', '/$everything', '/$summary']) {
        const other = await get(name.replace(/[^/]+$/, 'never-was') + rest, token)
        const answer = await get(name + rest, token)
        expect([name + rest, answer.status, answer.text]).toEqual([name + rest, other.status, other.text])
      }
    }
  }
})

test('each sees as far as clearance goes; patients see what is restricted in their own record, and no more', async () => {
  const seen = async (token: Token) => (await found('Observation?_count=50', token)).join(' ')
  expect(await seen('app')).toBe('normal open via')
  expect(await seen('staff')).toBe('normal open via')
  expect(await seen('cleared')).toBe('bare normal open r via')
  expect(await seen('patient')).toBe('bare normal open r via')
  expect(await seen('all')).toBe('bare normal open r v via')
  expect(await seen('officer')).toBe('bare normal open r v via')
})

test('it is in no count, chain, reverse chain, include, history, record or graph', async () => {
  expect((await get('Observation?_summary=count', 'app')).json.total).toBe(3)
  expect((await get('Observation?_total=accurate&_count=1', 'app')).json.total).toBe(3)
  expect(await found(`Observation?_security=${SYSTEM}|R`, 'app')).toEqual([])
  expect(await found('Observation?encounter.status=finished', 'app')).toEqual(['normal', 'open'])
  expect(await found('Patient?_has:Observation:patient:code=urn:c|r', 'app')).toEqual([])
  expect(await found('Patient?_has:Observation:patient:code=urn:c|r', 'cleared')).toEqual(['p1'])
  expect(await found('Observation?_id=via&_include=*&_include:iterate=*', 'app')).toEqual(['p1', 'via'])
  expect(await found('Encounter?_id=e&_revinclude=*', 'app')).toEqual(['e', 'normal', 'open'])
  expect(await found('Patient/p1/Observation', 'app')).toEqual(['normal', 'open', 'via'])
  expect(await found('Patient/p1/$everything', 'app')).toEqual(['e', 'normal', 'open', 'p1', 'via'])
  expect(new Set(await found('_history?_count=100', 'app'))).toEqual(new Set(['e', 'normal', 'open', 'p1', 'via']))
  expect(await found('Observation/_history', 'app')).toEqual(['normal', 'open', 'via'])
  const query = '{ ObservationList { id } Patient(id: "p1") { ObservationList(_reference: "patient") { id } } }'
  const graph = await get(`$graphql?query=${encodeURIComponent(query)}`, 'app')
  expect(graph.text).not.toMatch(/"(r|v|bare)"/)
  expect(graph.text).toContain('"open"')
})

test('what was labelled, and is deleted, never was for who could not see it', async () => {
  await server.put(observation('gone', marked('R')))
  await send('all', 'DELETE', 'Observation/gone')
  const never = await get('Observation/never-was', 'app')
  for (const rest of ['', '/_history', '/_history/1', '/_history/2']) {
    const answer = await get(`Observation/gone${rest}`, 'app')
    expect([rest, answer.status, answer.text]).toEqual([rest, 404, never.text])
  }
  expect((await get('Observation/gone', 'cleared')).status).toBe(410)
})

test('a version is not seen that was labelled, nor one of what is labelled since', async () => {
  await server.put(observation('was', marked('R')))
  await server.put(observation('was'))
  expect((await get('Observation/was', 'app')).status).toBe(200)
  expect((await get('Observation/was/_history/1', 'app')).status).toBe(404)
  expect(await found('Observation/was/_history', 'app')).toHaveLength(1)
  expect(await found('Observation/was/_history', 'cleared')).toHaveLength(2)
})

test('nobody changes a label, or what is hidden by one, without the clearance', async () => {
  const never = await send('staff', 'PUT', 'Observation/never-was', observation('never-was'))
  const over = await send('staff', 'PUT', 'Observation/r', observation('r'))
  expect([over.status, over.text]).toEqual([404, never.text])
  expect((await send('staff', 'DELETE', 'Observation/r')).status).toBe(404)
  const { id: _id, ...nameless } = observation('x', marked('R'))
  expect((await send('staff', 'POST', 'Observation', nameless)).status).toBe(403)
  expect((await send('staff', 'PUT', 'Observation/open', observation('open', marked('R')))).status).toBe(403)
  const add = {
    resourceType: 'Parameters',
    parameter: [{ name: 'meta', valueMeta: { security: [{ system: SYSTEM, code: 'V' }] } }],
  }
  expect((await send('staff', 'POST', 'Observation/open/$meta-add', add)).status).toBe(403)
  expect((await send('cleared', 'POST', 'Observation/open/$meta-add', add)).status).toBe(403)
  // the patient sees it, and makes it neither open nor more hidden
  expect((await send('patient', 'PUT', 'Observation/r', observation('r'))).status).toBe(403)
  expect((await send('patient', 'PUT', 'Observation/open', observation('open', marked('R')))).status).toBe(403)
  expect(
    (await send('patient', 'PUT', 'Observation/r', observation('r', { ...marked('R'), status: 'amended' }))).status,
  ).toBe(200)
  expect((await send('cleared', 'PUT', 'Observation/r', observation('r', marked('V')))).status).toBe(403)
  expect((await send('cleared', 'PUT', 'Observation/bare', observation('bare'))).status).toBe(200)
  expect((await get('Observation/bare', 'app')).status).toBe(200)
})
