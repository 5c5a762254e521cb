/**
 * `contact-person`: JSON `{name, phone, relationship}` ↔ a contact of a Patient: whom to call in an emergency.
 *
 * Without name and phone there is no contact (R4 pat-1). Other members of the JSON are kept on write.
 */
import type { Codec, CodecContext, CodecDefinition } from '../codec.ts'
import { NotStorableError } from '../errors.ts'
import { refuseLoss } from './covers.ts'
import { readJson, storeJson } from './json-column.ts'
import { readText, storeText } from './text.ts'

const EMERGENCY_CONTACT = {
  system: 'http://terminology.hl7.org/CodeSystem/v2-0131',
  code: 'C',
  display: 'Emergency Contact',
}

interface Person {
  readonly name?: unknown
  readonly phone?: unknown
  readonly relationship?: unknown
}

interface Contact {
  readonly relationship?: readonly { readonly text?: string }[]
  readonly name?: { readonly text?: string }
  readonly telecom?: readonly { readonly value?: string }[]
}

function read(stored: unknown, context: CodecContext): object | undefined {
  const person: Person = readJson(stored, context) ?? {}
  const name = readText(person.name)
  const phone = readText(person.phone)
  const text = readText(person.relationship)
  if (name === undefined && phone === undefined) return undefined
  const relationship = { coding: [EMERGENCY_CONTACT], ...(text !== undefined && { text }) }
  return {
    relationship: [relationship],
    ...(name !== undefined && { name: { text: name } }),
    ...(phone !== undefined && { telecom: [{ system: 'phone', value: phone }] }),
  }
}

function write(fhir: unknown, before: unknown, context: CodecContext): unknown {
  if (fhir === undefined) return null
  const { relationship, name, telecom } = fhir as Contact
  const person: Person = (before === null ? undefined : readJson(before, context)) ?? {}
  const written = {
    ...person,
    name: storeText(name?.text, person.name),
    phone: storeText(telecom?.[0]?.value, person.phone),
    relationship: storeText(relationship?.[0]?.text, person.relationship),
  }
  const held = read(written, context)
  if (held === undefined) throw new NotStorableError('The source needs a name or a phone number of the contact.')
  refuseLoss(held, fhir, 'contact')
  return storeJson(written, before)
}

const codec: Codec = { read, write }

export const contactPerson: CodecDefinition = {
  name: 'contact-person',
  types: ['Patient.contact'],
  fields: 1,
  make: () => codec,
}
