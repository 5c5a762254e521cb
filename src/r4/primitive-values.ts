/**
 * What each primitive type may hold in JSON (R4 datatypes.html): its JSON type, its lexical form, its limits.
 *
 * A check answers what the value must be when it is not. None repeats the value: it may be about a patient.
 */
import { dateRange } from './dates.ts'
import { isRawNumber } from './json.ts'

/** What is wrong, to be read after the element's name; undefined when nothing is. */
export type PrimitiveCheck = (value: unknown) => string | undefined

const longestInteger = 2_147_483_647
/** "Note that strings SHALL NOT exceed 1MB (1024*1024 characters) in size". */
const longestString = 1_048_576

const day = 'with a day that the calendar has'
const dateForm = /^\d{4}(?:-\d\d(?:-\d\d)?)?$/
const zoned = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)`
const instantForm = new RegExp(`^${zoned}$`)
const dateTimeForm = new RegExp(String.raw`^(?:\d{4}(?:-\d\d(?:-\d\d)?)?|${zoned})$`)
const timeForm = /^(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?$/
const codeForm = /^\S+(?:\s\S+)*$/
const idForm = /^[A-Za-z0-9\-.]{1,64}$/
const oidForm = /^urn:oid:[0-2](?:\.(?:0|[1-9]\d*))+$/
const uuidForm = /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const notBase64 = /[^A-Za-z0-9+/=\s]|=\s*[^=\s]/
const whiteSpace = /\s/

const uri = textWhere((text) => !whiteSpace.test(text), 'must be a URI: a text without spaces')
const freeText = textWhere(
  (text) => text.length <= longestString,
  `must be no longer than ${longestString} characters: larger content belongs into an Attachment`,
)

const checks: Readonly<Record<string, PrimitiveCheck>> = {
  boolean: (value) => (typeof value === 'boolean' ? undefined : 'must be true or false, without quotes'),
  integer: wholeNumber(-longestInteger - 1),
  unsignedInt: wholeNumber(0),
  positiveInt: wholeNumber(1),
  decimal: (value) =>
    typeof value === 'number' || isRawNumber(value) ? undefined : 'must be a JSON number, without quotes',
  string: freeText,
  markdown: freeText,
  xhtml: textWhere(() => true, ''),
  code: textWhere((text) => codeForm.test(text), 'must be a code: no space at its ends and no two in a row'),
  id: textWhere((text) => idForm.test(text), 'must be an id: 1 to 64 letters, digits, hyphens and dots'),
  uri,
  url: uri,
  canonical: uri,
  oid: textWhere((text) => oidForm.test(text), 'must be an OID as urn:oid:1.2.3'),
  uuid: textWhere((text) => uuidForm.test(text), 'must be a UUID as urn:uuid: and lower-case digits'),
  base64Binary: textWhere(isBase64, 'must be base64'),
  date: dateLike(dateForm, `must be a date as 2024, 2024-02 or 2024-02-29, ${day}`),
  dateTime: dateLike(dateTimeForm, `must be a date, or a date with time and zone as 2024-02-29T13:30:00+03:00, ${day}`),
  instant: dateLike(instantForm, `must be a moment with seconds and zone as 2024-02-29T13:30:00+03:00, ${day}`),
  time: textWhere((text) => timeForm.test(text), 'must be a time of day as 13:30:00'),
}

export function primitiveCheck(type: string): PrimitiveCheck | undefined {
  return checks[type]
}

function textWhere(holds: (text: string) => boolean, reason: string): PrimitiveCheck {
  return (value) => {
    if (typeof value !== 'string') return 'must be a text in quotes'
    if (value === '') return 'must not be an empty text: leave it out'
    return holds(value) ? undefined : reason
  }
}

/** Numbers that keep digits of their own (5.0, 1e2, -0, 20 digits) have no form that an integer may have. */
function wholeNumber(least: number): PrimitiveCheck {
  const reason = `must be a whole JSON number from ${least} to ${longestInteger}, without quotes`
  return (value) =>
    Number.isInteger(value) && (value as number) >= least && (value as number) <= longestInteger ? undefined : reason
}

function dateLike(form: RegExp, reason: string): PrimitiveCheck {
  return textWhere((text) => form.test(text) && dateRange(text) !== undefined, reason)
}

/** Not one expression for all of it: on a text of megabytes its backtracking would overflow. */
function isBase64(text: string): boolean {
  if (notBase64.test(text)) return false
  const characters = whiteSpace.test(text) ? text.replaceAll(/\s+/g, '') : text
  return characters.length > 0 && characters.length % 4 === 0 && !characters.endsWith('===')
}
