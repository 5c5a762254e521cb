/** What two records of a human are compared by, written one way: words of names, digits of telephones, identifiers. */
import type { Patient } from '@medplum/fhirtypes'
import { fold } from '../../r4/keys/fold.ts'

export interface Facts {
  /** each name as its words */
  readonly names: readonly (readonly string[])[]
  readonly birthDate: string | undefined
  readonly gender: string | undefined
  /** `system|value`, and `|value` */
  readonly identifiers: ReadonlyMap<string, string>
  readonly phones: ReadonlySet<string>
  readonly emails: ReadonlySet<string>
  readonly places: ReadonlySet<string>
}

/** Each is compared with each of the other's. */
const MOST_NAMES = 20

export function factsOf(patient: Patient): Facts {
  const telecom = (system: string): string[] =>
    (patient.telecom ?? []).flatMap((each) => (each.system === system && each.value ? [each.value] : []))
  return {
    names: (patient.name ?? [])
      .slice(0, MOST_NAMES)
      .map(wordsOf)
      .filter((words) => words.length > 0),
    birthDate: patient.birthDate,
    gender: patient.gender === 'unknown' ? undefined : patient.gender,
    identifiers: new Map(
      (patient.identifier ?? [])
        .map(({ system = '', value = '' }) => [system, identifierKey(value)] as const)
        .filter(([, value]) => value !== ''),
    ),
    phones: new Set(
      telecom('phone')
        .map(phoneKey)
        .filter((key) => key !== ''),
    ),
    emails: new Set(telecom('email').map((each) => each.trim().toLowerCase())),
    places: new Set(
      (patient.address ?? []).flatMap(({ city, postalCode, line = [] }) =>
        [city, postalCode, ...line].flatMap((text) => (text ? [fold(text)] : [])),
      ),
    ),
  }
}

function wordsOf({ text, family, given = [] }: NonNullable<Patient['name']>[number]): string[] {
  const parts = family || given.length > 0 ? [...given, family ?? ''].join(' ') : (text ?? '')
  return fold(parts)
    .split(' ')
    .filter((word) => word !== '')
}

/** Written with or without hyphens, spaces and leading zeros; of `-` nothing is left. */
function identifierKey(value: string): string {
  return fold(value)
    .replace(/[^\p{L}\p{N}]/gu, '')
    .replace(/^0+/, '')
}

const NATIONAL = 9

/** The country's prefix is written in many ways or not at all. */
export function phoneKey(value: string): string {
  return digitsOf(value).slice(-NATIONAL)
}

/** In whatever script they are written; of a word that stands in place of a number, none. */
export function digitsOf(value: string): string {
  return fold(value).replace(/\D/g, '')
}
