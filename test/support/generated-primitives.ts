/** Arbitrary values of the primitive types of R4, in every form that they have (R4 datatypes.html). */
import fc from 'fast-check'
import { decimal } from '../../src/r4/json.ts'

/** What search, JSON and people trip over: accents, Arabic with and without vowel signs, escapes, spaces, symbols. */
const words = [
  'Noor',
  'noor',
  'Al Noor',
  'Zoë Ångström',
  'Zoe Angstrom',
  'Straße',
  'O’Brien-Smith',
  'مُحَمَّد الأحمد',
  'محمد الاحمد',
  'فاطمة',
  'إبراهيم',
  'القضاء على ٣ حبات',
  'A,B|C$D\\E',
  'a,b',
  'two  spaces',
  'a "quoted" word',
  'first line\nsecond line',
  '100%',
  'né\u0301e',
  '日本語',
  'family 👩‍👧',
  'x',
]
const codes = ['a', 'A', 'b-1', 'c.2', '8867-4', 'two words', 'x|y', 'x,y', 'x$y', 'صح', '0']
const uris = [
  'urn:example:a',
  'urn:oid:1.2.3.4',
  'http://example.org/a',
  'https://example.org/a',
  'https://example.org/a/b',
  'https://example.org/a/b/c',
  'https://example.org/ab',
  'https://example.org/a/b?c=d,e',
  'https://example.org/A',
]
const days = [
  '2024-02-29',
  '2023-12-31',
  '2024-01-01',
  '2024-03-10',
  '1969-07-20',
  '2024-03-31',
  '2024-10-27',
  '9999-12-31',
]
const times = ['00:00:00', '23:59:59', '12:30:00', '12:30:00.5', '12:30:00.123', '12:30:00.1239', '06:07:08.000']
const zones = ['Z', '+03:00', '-05:30', '+14:00', '-12:00', '+00:00']
const numerals = '0 1 -1 2 5 5.4 5.40 5.0 100 1.00 0.10 -0.50 1e2 1E-3 1.50e+3 0.000001 37.5 123456789.123456789'.split(
  ' ',
)

const text = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...words) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter(isText) },
)
const day = fc.oneof(
  fc.constantFrom(...days),
  fc
    .tuple(fc.integer({ min: 2020, max: 2026 }), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 28 }))
    .map(([y, m, d]) => `${y}-${String(m).padStart(2, '0')}-${String(d).padStart(2, '0')}`),
)
const time = fc.constantFrom(...times)
const moment = fc.tuple(day, time, fc.constantFrom(...zones)).map(([d, t, zone]) => `${d}T${t}${zone}`)
const date = fc.tuple(day, fc.constantFrom(4, 7, 10, 10)).map(([d, length]) => d.slice(0, length))
const uri = fc.constantFrom(...uris)
const hex = fc.stringMatching(/^[0-9a-f]{12}$/)

export const primitives: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  boolean: fc.boolean(),
  integer: fc.oneof(fc.integer({ min: -3, max: 12 }), fc.constantFrom(2_147_483_647, -2_147_483_648)),
  unsignedInt: fc.integer({ min: 0, max: 12 }),
  positiveInt: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.constant(2_147_483_647)),
  decimal: fc.constantFrom(...numerals).map(decimal),
  string: text,
  markdown: fc.oneof(text, fc.constant('# Title\n\n* *item* with `code`\n')),
  code: fc.constantFrom(...codes),
  id: fc.constantFrom('a', 'B-2', 'c.3', '0', 'x'.repeat(64)),
  uri,
  url: fc.constantFrom(...uris, 'mailto:nobody@example.org', 'ftp://example.org/file'),
  canonical: fc
    .tuple(fc.constantFrom(...uris.slice(3, 7)), fc.constantFrom('', '|1.0', '|2.1.0'))
    .map((it) => it.join('')),
  oid: fc.constantFrom('urn:oid:1.2.3', 'urn:oid:2.16.840.1.113883.6.1'),
  uuid: hex.map((digits) => `urn:uuid:6f7b1c9a-53c4-4d7e-9a0e-${digits}`),
  base64Binary: fc.constantFrom('QUJD', 'SGVsbG8sIHdvcmxkIQ==', 'AA=='),
  date,
  dateTime: fc.oneof(date, moment, moment),
  instant: moment,
  time,
  xhtml: fc
    .constantFrom('words', '<p>a <b>b</b> &amp; c</p>', '<ul><li>مرحبا</li></ul>', '<img src="#x" alt="Zoë"/>')
    .map((content) => `<div xmlns="http://www.w3.org/1999/xhtml">${content}</div>`),
}

/** Values that R4 asks of elements whose value sets cannot be listed, by value set or by the name of the element. */
export const knownCodes: Readonly<Record<string, readonly string[]>> = {
  'http://hl7.org/fhir/ValueSet/mimetypes': ['text/plain', 'application/pdf', 'image/png'],
  'http://hl7.org/fhir/ValueSet/currencies': ['SAR', 'EUR', 'JOD'],
  language: ['en', 'ar', 'de-CH'],
}

/** Where people read it, it says something; and control characters are no text of R4. */
function isText(value: string): boolean {
  return value.trim() === value && value !== '' && !/[\u0000-\u001f\u007f-\u009f]/.test(value) && value.isWellFormed()
}
