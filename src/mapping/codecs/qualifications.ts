/**
 * `qualifications`: `[qualifications, certifications, licence number, licence expiry]` ↔ Practitioner.qualification.
 *
 * Each text of the two lists is an item with that text as its code; the licence is the item whose code says "licence",
 * with its number as identifier of `system`. FHIR does not tell a qualification from a certificate: on write a text
 * stays in the list it is in, and a new one is a qualification.
 */
import type { Codec, CodecContext, CodecDefinition } from '../codec.ts'
import { NotStorableError } from '../errors.ts'
import { covers, refuseLoss } from './covers.ts'
import { date } from './date.ts'
import { readJson, storeJson } from './json-column.ts'
import { readText, storeText } from './text.ts'

interface Qualification {
  readonly identifier?: readonly { readonly system?: string; readonly value?: string }[]
  readonly code?: { readonly text?: string }
  readonly period?: { readonly end?: string }
}

const LICENCE = 'licence'
const dates: Codec = date.make({ type: 'dateTime' })

function textsIn(column: unknown, context: CodecContext): string[] {
  const list = readJson(column ?? undefined, context)
  if (!Array.isArray(list)) return []
  return list.map(readText).filter((text) => text !== undefined)
}

function licenceOf(system: string, number: unknown, expiry: unknown, context: CodecContext): Qualification[] {
  const value = readText(number)
  if (value === undefined) return []
  const end = expiry === null ? undefined : (dates.read(expiry, context) as string)
  return [{ identifier: [{ system, value }], code: { text: LICENCE }, ...(end && { period: { end } }) }]
}

function read(system: string, stored: unknown, context: CodecContext): Qualification[] | undefined {
  const [qualifications, certifications, number, expiry] = stored as readonly unknown[]
  const texts = [...textsIn(qualifications, context), ...textsIn(certifications, context)]
  const list = [...texts.map((text) => ({ code: { text } })), ...licenceOf(system, number, expiry, context)]
  return list.length > 0 ? list : undefined
}

function isLicence({ code }: Qualification): boolean {
  return code?.text === LICENCE
}

function textOf(item: Qualification): string {
  const text = item.code?.text
  refuseLoss({ code: { text } }, item, 'qualification')
  if (text === undefined) throw new NotStorableError('The source holds a qualification as the text of its code.')
  return text
}

/** The column with these texts; as it is when they are the ones that are there. */
function storeTexts(texts: readonly string[], before: unknown, context: CodecContext): unknown {
  const now = textsIn(before, context)
  if (now.length === texts.length && now.every((text, index) => text === texts[index])) return before
  return texts.length === 0 && before === null ? null : storeJson(texts, before)
}

function storeLicence(
  system: string,
  sent: Qualification | undefined,
  [number, expiry]: readonly unknown[],
  context: CodecContext,
): unknown[] {
  if (sent === undefined) return readText(number) === undefined ? [number, expiry] : [null, null]
  const value = storeText(sent.identifier?.[0]?.value, number)
  const end = sent.period?.end
  const until = end === undefined ? null : dates.write?.(end, expiry, context)
  const held = licenceOf(system, value, until, context)[0]
  if (!covers(held, sent))
    throw new NotStorableError(`The source holds a licence as a number of ${system} and its end.`)
  return [value, until]
}

function write(system: string, fhir: unknown, before: unknown, context: CodecContext): unknown[] {
  const [qualifications, certifications, ...licence] = before as readonly unknown[]
  const sent = (fhir ?? []) as readonly Qualification[]
  const licences = sent.filter(isLicence)
  if (licences.length > 1) throw new NotStorableError('The source holds one licence.')
  const texts = sent.filter((item) => !isLicence(item)).map(textOf)
  const certified = new Set(textsIn(certifications, context))
  return [
    storeTexts(
      texts.filter((text) => !certified.has(text)),
      qualifications,
      context,
    ),
    storeTexts(
      texts.filter((text) => certified.has(text)),
      certifications,
      context,
    ),
    ...storeLicence(system, licences[0], licence, context),
  ]
}

export const qualifications: CodecDefinition = {
  name: 'qualifications',
  types: ['Practitioner.qualification'],
  fields: 4,
  list: true,
  options: { system: { type: 'string', minLength: 1 } },
  make(options) {
    if (options['system'] === undefined) throw new Error('the codec "qualifications" needs a "system": of the licence')
    const system = options['system'] as string
    return {
      read: (stored, context) => read(system, stored, context),
      write: (fhir, before, context) => write(system, fhir, before, context),
    }
  },
}
