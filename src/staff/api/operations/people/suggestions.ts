/** Who may be the same person in another record: told by searches, when asked. Nothing is written of a guess. */
import type { Patient } from '@medplum/fhirtypes'
import type { ApiOperation } from '../../operation.ts'
import { ok } from '../../operation.ts'
import type { Query } from '../../records.ts'
import { escaped } from '../../records.ts'
import { linkBetween } from './links.ts'
import { itemOf } from './view.ts'

const MOST = '10'

export const suggestLinks: ApiOperation = {
  async handle({ path, records }) {
    const patient = await records.read('Patient', path['id'] as string)
    const found = new Map<string, { person: object; because: string[] }>()
    for (const [reason, query] of signsOf(patient)) {
      const alike = await records.search('Patient', [...query, ['_count', MOST], ['_total', 'none']])
      for (const each of alike.found) {
        if (each.id === patient.id || linkBetween(patient, each)) continue
        const known = found.get(each.id) ?? { person: itemOf(each), because: [] }
        known.because.push(reason)
        found.set(each.id, known)
      }
    }
    const items = [...found.values()].toSorted((a, b) => b.because.length - a.because.length)
    return ok({ items })
  },
}

/** What two records of one person have in common. */
function signsOf({ birthDate, name = [], telecom = [] }: Patient): [reason: string, query: Query][] {
  const [{ family, given = [] } = {}] = name
  const parts = [
    ...(family === undefined ? [] : [['family', escaped(family)] as const]),
    ...given.slice(0, 1).map((first) => ['given', escaped(first)] as const),
  ]
  const both: Query = birthDate === undefined || parts.length === 0 ? [] : [['birthdate', birthDate], ...parts]
  const reached = telecom.flatMap(({ system, value }): [string, Query][] =>
    value !== undefined && (system === 'phone' || system === 'email') ? [[system, [[system, escaped(value)]]]] : [],
  )
  return [...(both.length > 0 ? [['name-and-birth-date', both] as [string, Query]] : []), ...reached]
}
