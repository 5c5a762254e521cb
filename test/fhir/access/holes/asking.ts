/** Two patients' records, who asks for them, and how, for the tests of holes. */
import { expect } from '@jest/globals'
import { bearer, type Tokens } from '../../../support/callers.ts'
import type { Answer, FhirServer, Sample } from '../../../support/fhir-server.ts'
import { hidden, observation, samples, tokens as usual } from '../../../support/two-patients.ts'

const LAB = 'Observation.cruds?category=laboratory'
export const tokens: Tokens = {
  ...usual,
  lab: { scope: `patient/${LAB} patient/Patient.rs`, patient: 'p1' },
  nobodys: {
    scope: 'user/*.cruds',
    user: { account: 'n', person: 'RelatedPerson/r', representing: [], permissions: ['*.cruds'] },
  },
  homeless: { scope: 'patient/*.cruds' },
  none: { scope: 'openid fhirUser' },
  backend: { scope: 'system/*.rs' },
  wider: { scope: 'system/*.cruds clearance:R' },
  abroad: { scope: 'system/*.cruds', tenant: 'elsewhere' },
}

/** Of the first patient. */
export const laboratory = labelled('laboratory')
export const vitalSigns = labelled('vital-signs')
export const records: readonly Sample[] = [...samples, laboratory, vitalSigns]
export const mine = ['Observation/laboratory', 'Observation/o1', 'Observation/o4', 'Observation/vital-signs']

function labelled(code: string): Sample {
  return observation(code, 'p1', { category: [{ coding: [{ code }] }] })
}

type Headers = Readonly<Record<string, string>>

interface Asking {
  readonly get: (path: string, by?: string, headers?: Headers) => Promise<Answer>
  readonly send: (method: string, path: string, body?: unknown, by?: string, headers?: Headers) => Promise<Answer>
  /** what a search finds */
  readonly names: (path: string, by?: string) => Promise<string[]>
}

/** `server`: as soon as there is one */
export function askingOf(server: () => FhirServer): Asking {
  const get: Asking['get'] = (path, by = 'all', headers = {}) =>
    server().get(path, { headers: { ...bearer(by).headers, ...headers } })
  return {
    get,
    send: (method, path, body, by = 'write', headers = {}) =>
      server().send(method, path, body, { ...bearer(by).headers, ...headers }),
    async names(path, by) {
      const { status, json, text } = await get(path, by)
      if (status !== 200) throw new Error(`${path} ${status} ${text}`)
      return (json.entry ?? []).map(({ resource }) => `${resource?.resourceType}/${resource?.id}`).sort()
    },
  }
}

export function others(found: readonly string[]): string[] {
  return found.filter((name) => hidden.includes(name))
}

export async function expectAlike(there: Promise<Answer>, never: Promise<Answer>): Promise<void> {
  const [one, other] = await Promise.all([there, never])
  expect([one.status, one.text]).toEqual([other.status, other.text])
}
