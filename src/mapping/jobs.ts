/**
 * What the gateway may do by itself for a source (`jobs` of system.yaml): on the rows of which mapping, and which columns
 * say how far it is. Whether it does is said by ISTHMUS_SOURCES.
 */
import type { MappingFileError } from './errors.ts'
import { inAppErrors, inAppOptional, inAppSchema } from './in-app.ts'
import type { InApp } from './in-app.ts'
import type { MappingData } from './mapping-file.ts'
import type { SystemScope } from './scope.ts'
import type { YamlFile } from './yaml-file.ts'

/** By name: one, or one for each of several mappings. */
export type JobsData = { readonly [Name in JobName]?: JobOf[Name] | readonly JobOf[Name][] }

export type JobName = keyof JobOf

export interface JobOf {
  readonly 'appointment-reminders': {
    readonly mapping: string
    /** when the last reminder was sent */
    readonly mark?: string
    /** where a visit by video takes place: in emails to the patient only */
    readonly link?: string
  }
  /** booked, moved, cancelled */
  readonly 'appointment-changes': {
    readonly mapping: string
    /** when the row was made: what is older when it is first seen is no news */
    readonly made: string
    readonly link?: string
  }
  /** of entries of the waitlist */
  readonly 'waitlist-offers': { readonly mapping: string }
  readonly 'report-ready': { readonly mapping: string; readonly made: string }
  readonly 'prom-reminders': {
    readonly mapping: string
    /** since when an answer is waited for: the first column that has a value */
    readonly since: readonly string[]
    /** what the status column says while there is none */
    readonly while: Readonly<Record<string, readonly string[]>>
    readonly count: string
    readonly mark: string
    readonly 'every-days': number
    readonly most: number
  }
  /** rows that are messages themselves */
  readonly notifications: {
    readonly mapping: string
    readonly due: string
    /** by which way: a column, and what its words mean; `app`: the row itself is shown to the person */
    readonly channel: string
    readonly ways: Readonly<Record<string, 'email' | 'sms' | 'push' | 'app'>>
    readonly sent: string
    readonly error: string
    readonly retries: string
    /** a column, and the words in it of what is sent in one once a day */
    readonly priority?: string
    readonly digest?: readonly string[]
  }
  /** what a doctor wants to see first was asked for */
  readonly 'documents-requested': { readonly mapping: string; readonly made: string }
  /** where the source's own app shows what is sent */
  readonly 'in-app': InApp
  /** UCP98; `mark`: that it was sent */
  readonly 'draft-reminders': { readonly mapping: string; readonly mark: string }
  /** how long records of patients are kept */
  readonly retention: {
    readonly mapping: string
    readonly years: number
    /** from the last of these on: mappings, and the search parameter of their resources that says when */
    readonly visits: Readonly<Record<string, string>>
    /** columns: since when it is deleted, and since when there is a record, where nobody came */
    readonly deleted: string
    readonly begun: string
  }
}

/** Of the rows of a mapping. */
export function jobOf<Name extends JobName>(jobs: JobsData, name: Name, mapping: string): JobOf[Name] | undefined {
  const all = [jobs[name] ?? []].flat() as readonly JobOf[Name][]
  return all.find((each) => each.mapping === mapping)
}

const text = { type: 'string', minLength: 1 }
const texts = { type: 'array', items: text, minItems: 1 }

function job(properties: Readonly<Record<string, object>>, ...optional: readonly string[]): object {
  const all = { mapping: text, ...properties }
  const required = Object.keys(all).filter((name) => !optional.includes(name))
  const one = { type: 'object', required, additionalProperties: false, properties: all }
  return { if: { type: 'array' }, then: { type: 'array', items: one, minItems: 1 }, else: one }
}

/** Of JSON Schema (schema.ts). */
export const jobsSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    'appointment-reminders': job({ mark: text, link: text }, 'mark', 'link'),
    'appointment-changes': job({ made: text, link: text }, 'link'),
    'waitlist-offers': job({}),
    'report-ready': job({ made: text }),
    'prom-reminders': job({
      since: texts,
      while: { type: 'object', minProperties: 1, maxProperties: 1, additionalProperties: texts },
      ...{ count: text, mark: text },
      'every-days': { type: 'integer', minimum: 1 },
      most: { type: 'integer', minimum: 1 },
    }),
    notifications: job(
      {
        ...{ due: text, channel: text, sent: text, error: text, retries: text, priority: text, digest: texts },
        ways: { type: 'object', additionalProperties: { enum: ['email', 'sms', 'push', 'app'] } },
      },
      ...['priority', 'digest'],
    ),
    'documents-requested': job({ made: text }),
    'in-app': job(inAppSchema, ...inAppOptional),
    'draft-reminders': job({ mark: text }),
    retention: job({
      years: { type: 'integer', minimum: 1 },
      visits: { type: 'object', minProperties: 1, additionalProperties: text },
      ...{ deleted: text, begun: text },
    }),
  },
}

interface Named {
  readonly mapping: string
  readonly visits?: object
}

/** Options that hold words, and no columns. */
const WORDS = new Set(['ways', 'digest'])

/** Mappings and columns that are named and not there. */
export function jobErrors(
  scope: SystemScope,
  file: YamlFile,
  mappings: readonly { readonly data: MappingData }[],
): MappingFileError[] {
  const { system, columns } = scope
  const jobs = Object.entries(system.jobs ?? {}).flatMap(([name, each]) =>
    [each].flat().map((one) => [name, one] as const),
  )
  return jobs.flatMap(([name, each]) => {
    const { mapping, visits = {}, ...options } = each as Named
    const owner = mappings.find(({ data }) => data.mapping === mapping)?.data.source.collection
    if (owner === undefined) return [file.error(['jobs', name, 'mapping'], `there is no mapping "${mapping}"`)]
    if (name === 'in-app') return inAppErrors(scope, file, mappings, each as InApp)
    const unknown = Object.keys(visits).filter((visit) => !mappings.some(({ data }) => data.mapping === visit))
    if (unknown.length > 0) return [file.error(['jobs', name, 'visits'], `there is no mapping "${unknown.join(', ')}"`)]
    const rest = Object.entries(options).filter(([option]) => !WORDS.has(option))
    return rest.flatMap(([option, value]) =>
      columnsIn(value)
        .filter((column) => columns[owner]?.[column] === undefined)
        .map((column) => file.error(['jobs', name, option], `"${column}" is no declared column of ${owner}`)),
    )
  })
}

function columnsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (Array.isArray(value)) return value as string[]
  return typeof value === 'object' && value !== null ? Object.keys(value) : []
}
