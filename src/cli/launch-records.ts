/**
 * The records that people choose from when an app is launched, read as any client would: through the FHIR API, with the
 * rights of who is signed in.
 */
import type { Encounter, HumanName, Identifier, Patient } from '@medplum/fhirtypes'
import type { Permit } from '../access/permit.ts'
import type { FhirHandler } from '../http/answer.ts'
import { Deadline } from '../kernel/deadline.ts'
import type { EncounterChoice } from '../smart/pages/encounter-picker.ts'
import type { PatientChoice } from '../smart/pages/patient-picker.ts'
import type { Records } from '../smart/records.ts'

const SHOWN = 10
const VISITS_SHOWN = 50
const MILLISECONDS = 10_000
const RECORD_NUMBER = 'MR'

export function recordsOf(fhir: FhirHandler): Records {
  return {
    async patients(permit, text) {
      const query = [...patientQuery(text), ['_count', String(SHOWN + 1)] as const]
      const found = (await search<Patient>(fhir, permit, 'Patient', query)).map(patientChoice)
      return { found: found.slice(0, SHOWN), more: found.length > SHOWN }
    },
    async patient(permit, id) {
      const [patient] = await search<Patient>(fhir, permit, 'Patient', [['_id', escaped(id)]])
      return patient && patientChoice(patient)
    },
    async encounters(permit, patient) {
      const query = [
        ['patient', escaped(patient)],
        ['_sort', '-date'],
        ['_count', String(VISITS_SHOWN)],
      ] as const
      return (await search<Encounter>(fhir, permit, 'Encounter', query)).map(encounterChoice)
    },
    async encounter(permit, patient, id) {
      const query = [
        ['patient', escaped(patient)],
        ['_id', escaped(id)],
      ] as const
      const [encounter] = await search<Encounter>(fhir, permit, 'Encounter', query)
      return encounter && encounterChoice(encounter)
    },
  }
}

/** Every word must fit: dates the date of birth, words with digits an identifier, others a name. */
function patientQuery(text: string): (readonly [string, string])[] {
  return text
    .split(/\s+/)
    .filter((word) => word !== '')
    .map((word) => {
      if (/^\d{4}-\d\d-\d\d$/.test(word)) return ['birthdate', word]
      return [/\d/.test(word) ? 'identifier' : 'name', escaped(word)]
    })
}

/** What separates values in a search is part of a word here. */
function escaped(word: string): string {
  return word.replace(/[\\,|$]/g, '\\$&')
}

async function search<T>(
  fhir: FhirHandler,
  permit: Permit,
  type: string,
  query: readonly (readonly [string, string])[],
): Promise<T[]> {
  const deadline = new Deadline(MILLISECONDS)
  const { tenant } = permit
  try {
    const caller = { permit, by: 'the dialog of a launch' }
    const request = { method: 'GET', path: [type], query, base: '', tenant, caller, deadline, header: () => undefined }
    const { body = '{}' } = await fhir(request)
    const { entry = [] } = JSON.parse(body.toString()) as { readonly entry?: readonly { readonly resource?: T }[] }
    return entry.flatMap(({ resource }) => resource ?? [])
  } finally {
    deadline.close()
  }
}

function patientChoice({ id = '', name = [], birthDate, identifier = [] }: Patient): PatientChoice {
  const best = name.find(({ use }) => use === 'official') ?? name[0]
  const text = best && nameText(best)
  const number = recordNumber(identifier, id)
  return {
    id,
    ...(text !== undefined && { name: text }),
    ...(birthDate !== undefined && { birthDate }),
    ...(number !== undefined && { number }),
  }
}

function nameText({ text, prefix = [], given = [], family }: HumanName): string | undefined {
  const parts = [...prefix, ...given, ...(family === undefined ? [] : [family])]
  return text ?? (parts.length > 0 ? parts.join(' ') : undefined)
}

/** The number of the record; else one that people may know, which the key of a row is not. */
function recordNumber(identifiers: readonly Identifier[], id: string): string | undefined {
  const isRecord = ({ type }: Identifier): boolean => type?.coding?.some(({ code }) => code === RECORD_NUMBER) ?? false
  const isKnown = ({ value }: Identifier): boolean => value !== undefined && !id.endsWith(value)
  return (identifiers.find(isRecord) ?? identifiers.find(isKnown))?.value
}

function encounterChoice({ id = '', type = [], class: kind, period }: Encounter): EncounterChoice {
  const what = type[0]?.text ?? type[0]?.coding?.[0]?.display ?? kind.display
  return {
    id,
    ...(what !== undefined && { what }),
    ...(period?.start !== undefined && { start: period.start }),
    ...(period?.end !== undefined && { end: period.end }),
  }
}
