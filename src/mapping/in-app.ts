/**
 * Where the app of a source shows messages to people who sign in (`in-app` of jobs): the rows it reads them from, made for
 * messages that the gateway sends.
 */
import type { MappingFileError } from './errors.ts'
import type { Row } from './lens.ts'
import { listOf } from './mapping-file.ts'
import type { MappingData } from './mapping-file.ts'
import type { SystemScope } from './scope.ts'
import type { YamlFile } from './yaml-file.ts'

export interface InApp {
  /** of the rows */
  readonly mapping: string
  /** messages that are shown, each with the columns that say what kind it is */
  readonly kinds: { readonly [Kind in ShownKind]?: Row }
  /** what all of them hold */
  readonly values?: Row
  /** for the id of the message, a UUID; none: a later message about the same takes the place of the one before */
  readonly id?: string
  /**
   * Columns for the key of the person, or of what the message is about, and whose key that is. Without one of them nothing
   * is shown; members of a JSON column (`data.appointment_id`) are left out where there is none.
   */
  readonly keys: Readonly<Record<string, string>>
  readonly title: InLanguages
  readonly text?: InLanguages
  /** when it was shown */
  readonly at: readonly string[]
}

/** One column in the person's language, or one for each. */
export type InLanguages = string | { readonly en: string; readonly ar: string }

type ShownKind = (typeof SHOWN_KINDS)[number]

/** What is no row of a source already. */
export const SHOWN_KINDS = [
  ...(['appointment-reminder', 'appointment-confirmed', 'appointment-moved', 'appointment-cancelled'] as const),
  ...(['waitlist-offer', 'prom-reminder', 'report-ready', 'documents-requested'] as const),
]

const text = { type: 'string', minLength: 1 }
const fields = { type: 'object', minProperties: 1, additionalProperties: { type: ['string', 'number', 'boolean'] } }
const inLanguages = {
  if: { type: 'string' },
  then: text,
  else: { type: 'object', properties: { en: text, ar: text }, required: ['en', 'ar'], additionalProperties: false },
}

/** JSON Schema of its options, and which of them may be left out. */
export const inAppSchema = {
  kinds: {
    type: 'object',
    minProperties: 1,
    additionalProperties: false,
    properties: Object.fromEntries(SHOWN_KINDS.map((kind) => [kind, fields])),
  },
  keys: { type: 'object', minProperties: 1, additionalProperties: text },
  ...{ values: fields, id: text, title: inLanguages, text: inLanguages },
  at: { type: 'array', items: text, minItems: 1 },
}
export const inAppOptional = ['values', 'id', 'text']

/** Columns that are not there, keys of nothing, and rows without a key of their own. */
export function inAppErrors(
  { system, columns }: SystemScope,
  file: YamlFile,
  mappings: readonly { readonly data: MappingData }[],
  { kinds, values = {}, id, keys, title, text: words, at, ...rest }: InApp,
): MappingFileError[] {
  const owner = mappings.find(({ data }) => data.mapping === rest.mapping)?.data.source.collection ?? ''
  const errorAt = (option: string, reason: string): MappingFileError => file.error(['jobs', 'in-app', option], reason)
  const every = {
    kinds: Object.values(kinds).flatMap((each) => Object.keys(each)),
    values: Object.keys(values),
    id: id === undefined ? [] : [id],
    keys: Object.keys(keys).map((column) => column.split('.')[0] ?? ''),
    title: columnsIn(title),
    text: words === undefined ? [] : columnsIn(words),
    at,
  }
  const unknown = Object.entries(every).flatMap(([option, names]) =>
    names
      .filter((column) => columns[owner]?.[column] === undefined)
      .map((column) => errorAt(option, `"${column}" is no declared column of ${owner}`)),
  )
  const known = new Set([...Object.keys(columns), ...mappings.flatMap(({ data }) => data.sid ?? [])])
  const nobodys = Object.values(keys).filter((collection) => !known.has(collection))
  const given = new Set(Object.values(every).flat())
  const missing = listOf(system.keys[owner] ?? []).filter((column) => !given.has(column))
  return [
    ...unknown,
    ...nobodys.map((collection) => errorAt('keys', `no record has a key of "${collection}"`)),
    ...missing.map((column) =>
      errorAt('keys', `nothing says what "${column}" is, which is part of the key of ${owner}`),
    ),
  ]
}

function columnsIn(where: InLanguages): string[] {
  return typeof where === 'string' ? [where] : Object.values(where)
}
