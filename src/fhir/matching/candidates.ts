/** Who may be meant: a few searches by index, each bounded, since nobody is compared with everybody. */
import type { Patient } from '@medplum/fhirtypes'
import type { Found } from '../../store/search-reader.ts'
import type { FhirContext } from '../context.ts'
import { assertBuilt } from '../search/building.ts'
import { matchPage } from '../search/match-page.ts'
import { matchesOf } from '../search/matches.ts'
import { parseQuery } from '../search/query.ts'
import { typeScope } from '../search/scope.ts'
import { digitsOf, factsOf, phoneKey } from './facts.ts'

type Search = readonly (readonly [name: string, value: string])[]

/** Of each search; and values of each kind that are searched by. */
const MOST = 100
const VALUES = 5

export async function candidatesFor(context: FhirContext, patient: Patient): Promise<Found[]> {
  const found = await Promise.all(searchesFor(patient).map((search) => findBy(context, search)))
  return [...new Map(found.flat().map((each) => [each._id, each])).values()]
}

async function findBy(context: FhirContext, search: Search): Promise<readonly Found[]> {
  const { limits, request, building, reader } = context
  const query = parseQuery({ ...request, query: search, header: () => undefined }, typeScope('Patient'), limits)
  assertBuilt(building, query)
  const matches = await matchesOf({ ...context, reader, now: Date.now() }, query)
  return (await matchPage({ ...query, count: MOST }, matches)).matches
}

function searchesFor(patient: Patient): Search[] {
  const identifiers = (patient.identifier ?? []).flatMap(({ value }) => (value ? [escaped(value)] : []))
  const telecom = (patient.telecom ?? []).flatMap(({ system, value }) => {
    if (!value || (system !== 'phone' && system !== 'email')) return []
    return system === 'phone' ? phoneForms(value) : [escaped(value), escaped(value.toLowerCase())]
  })
  const { birthDate } = patient
  const words = [...new Set(factsOf(patient).names.flat())].slice(0, VALUES)
  return [
    ...some('identifier', identifiers),
    ...some('telecom', telecom),
    ...(birthDate === undefined ? [] : words.map((word) => born(birthDate, word))),
    ...(birthDate === undefined ? [] : [[['birthdate', birthDate] as const]]),
    ...(words.length > 0 ? [words.map((word) => ['name', escaped(word)] as const)] : []),
  ]
}

function born(birthDate: string, word: string): Search {
  return [
    ['birthdate', birthDate],
    ['name', escaped(word)],
  ]
}

function some(name: string, values: readonly string[]): Search[] {
  return values.length === 0 ? [] : [[[name, [...new Set(values)].slice(0, 2 * VALUES).join(',')]]]
}

/** As it is written, and in its bare forms. */
function phoneForms(value: string): string[] {
  const digits = digitsOf(value)
  if (digits === '') return []
  return [value, digits, `+${digits}`, phoneKey(value), `0${phoneKey(value)}`].map(escaped)
}

function escaped(value: string): string {
  return value.replace(/[\\,$|]/g, '\\$&')
}
