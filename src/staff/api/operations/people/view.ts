/** A person as staff see one: who it is, how to reach them, which numbers they go by. */
import type { Address, ContactPoint, Identifier, Patient, Practitioner } from '@medplum/fhirtypes'
import type { Kind } from '../../kind.ts'
import { nameText, systemOf } from '../../plain.ts'
import { versionOf } from '../../records.ts'

export type Person = (Patient | Practitioner) & { readonly id: string }

export const patients: Kind<'Patient'> = {
  ...{ type: 'Patient', name: 'patient', parameters: {}, date: '_lastUpdated' },
  view: (resource) => detailsOf(resource),
}

export const practitioners: Kind<'Practitioner'> = {
  ...{ type: 'Practitioner', name: 'practitioner', parameters: {}, date: '_lastUpdated' },
  view: (resource) => detailsOf(resource),
}

export function itemOf(person: Person): { readonly id: string; readonly version: number } {
  return { id: person.id, version: versionOf(person), ...detailsOf(person) }
}

function detailsOf(person: Patient | Practitioner): object {
  const { resourceType, name = [], telecom = [], identifier = [], birthDate, gender, active } = person
  return {
    kind: resourceType === 'Patient' ? 'patient' : 'practitioner',
    system: systemOf(person),
    name: nameText(name[0]),
    ...{ birthDate, gender, active },
    phones: reachedBy(telecom, 'phone'),
    emails: reachedBy(telecom, 'email'),
    address: addressText(person.address?.[0]),
    numbers: identifier.flatMap(numberOf),
  }
}

function reachedBy(telecom: readonly ContactPoint[], system: string): string[] {
  return telecom.flatMap((each) => (each.system === system && each.value !== undefined ? [each.value] : []))
}

function addressText(address: Address | undefined): string | undefined {
  if (!address) return undefined
  const { text, line = [], postalCode, city, state, country } = address
  return text ?? ([...line, postalCode, city, state, country].filter(Boolean).join(', ') || undefined)
}

/** `…/sid/hms/patient-number` is patient-number; of any other system its whole name. */
function numberOf({ system, value }: Identifier): { readonly name: string; readonly value: string }[] {
  if (value === undefined) return []
  return [{ name: /\/sid\/[^/]+\/([^/]+)$/.exec(system ?? '')?.[1] ?? system ?? 'number', value }]
}
