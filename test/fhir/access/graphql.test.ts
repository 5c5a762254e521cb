/** GraphQL refuses what REST refuses, in the same words: a type without a scope is no empty list. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { bearer, callersOf } from '../../support/callers.ts'
import { type FhirServer, startFhirServer } from '../../support/fhir-server.ts'
import { samples } from '../../support/two-patients.ts'

const tokens = {
  patients: { scope: 'system/Patient.rs' },
  reader: { scope: 'system/Patient.rs system/Observation.r' },
}
const [FORBIDDEN, NOT_FOUND] = ['forbidden', 'not-found']

let server: FhirServer
beforeAll(async () => {
  server = await startFhirServer({ callerOf: callersOf(tokens) })
  for (const sample of samples) await server.put(sample)
})
afterAll(() => server.stop())

interface Refused {
  readonly message: string
  readonly extensions: { readonly resource: { readonly issue: readonly { readonly code: string }[] } }
}

async function ask(query: string, token: keyof typeof tokens) {
  const { headers } = bearer(token)
  const answer = await server.get('$graphql', {
    ...{ method: 'POST', headers: { ...headers, 'Content-Type': 'application/json' } },
    body: JSON.stringify({ query }),
  })
  const { data, errors = [] } = answer.json as { data?: Record<string, unknown>; errors?: readonly Refused[] }
  expect(answer.status).toBe(200)
  return { data, errors: errors.map(({ message, extensions }) => [extensions.resource.issue[0]?.code, message]) }
}

async function restSays(path: string, token: keyof typeof tokens): Promise<string> {
  const { status, json } = await server.get(path, bearer(token))
  expect(status).toBe(403)
  return String((json as { issue?: readonly { diagnostics: string }[] }).issue?.[0]?.diagnostics)
}

test.each([
  ['a list', '{ none: ObservationList { id } }', 'patients', 'Observation'],
  ['a list, of what may only be read', '{ none: ObservationList { id } }', 'reader', 'Observation'],
  ['a connection', '{ none: ObservationConnection { count } }', 'patients', 'Observation'],
  ['one by its id', '{ none: Observation(id: "o1") { id } }', 'patients', 'Observation/o1'],
  ['one that is not there', '{ none: Observation(id: "never-was") { id } }', 'patients', 'Observation/never-was'],
] as const)('%s of a type without a scope is refused as REST refuses it', async (_, query, token, path) => {
  expect(await ask(query, token)).toEqual({ data: { none: null }, errors: [[FORBIDDEN, await restSays(path, token)]] })
})

test('so is what points at a resource, and the rest of the query is answered', async () => {
  const query = '{ Patient(id: "p1") { id ObservationList(_reference: "subject") { id } } PatientList { id } }'
  const { data, errors } = await ask(query, 'patients')
  expect(errors).toEqual([[FORBIDDEN, await restSays('Observation?subject=Patient/p1', 'patients')]])
  expect(data).toEqual({ Patient: { id: 'p1', ObservationList: null }, PatientList: [{ id: 'p1' }, { id: 'p2' }] })
})

test('what may be read is read, and a reference into a type without a scope leads nowhere', async () => {
  expect(await ask('{ Observation(id: "o1") { id } }', 'reader')).toEqual({
    ...{ data: { Observation: { id: 'o1' } }, errors: [] },
  })
  const query = '{ Patient(id: "p1") { generalPractitioner { resource(optional: true) { resourceType } } } }'
  expect((await ask(query, 'patients')).data).toEqual({ Patient: { generalPractitioner: [{ resource: null }] } })
  const strict = await ask(query.replace('(optional: true)', ''), 'patients')
  expect(strict.errors.map(([code]) => code)).toEqual([NOT_FOUND])
})
