/**
 * What messages say: a file of templates/ for each kind, in every language. A line names the facts that it is made of, and
 * is left out where one of them is not known, so that nobody reads of an appointment with "undefined".
 */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { Ajv } from 'ajv'
import { parse } from 'yaml'
import type { MessageLanguage } from './language.ts'

/** `{start:date}`: a fact, and how it is written */
export type Line = string | { readonly each: string } | Plural

export type Plural = { readonly plural: string; readonly other: string } & Partial<
  Readonly<Record<Intl.LDMLPluralRule, string>>
>

export interface Wording {
  /** no facts: it is shown where anybody may look */
  readonly subject: string
  readonly lines: readonly Line[]
  /** what `link` does */
  readonly action?: string
  /** where there is little room: SMS, pushes */
  readonly short: readonly Line[]
}

export type Template = Readonly<Record<MessageLanguage, Wording>>
/** by kind */
export type Templates = ReadonlyMap<string, Template>

const text = { type: 'string', minLength: 1 }
const line = {
  anyOf: [
    text,
    ...[
      { type: 'object', properties: { each: text }, required: ['each'], additionalProperties: false },
      { type: 'object', properties: { plural: text }, required: ['plural', 'other'], additionalProperties: text },
    ],
  ],
}
const lines = { type: 'array', items: line, minItems: 1 }
const wording = {
  type: 'object',
  properties: { subject: { ...text, pattern: '^[^{}\\r\\n]+$' }, lines, action: text, short: lines },
  required: ['subject', 'lines', 'short'],
  additionalProperties: false,
}
const isTemplate = new Ajv({ allowUnionTypes: true }).compile<Template>({
  type: 'object',
  properties: { en: wording, ar: wording },
  required: ['en', 'ar'],
  additionalProperties: false,
})

/** Throws where a file is no template. */
export function readTemplates(folder: string): Templates {
  const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'))
  return new Map(
    files.sort().map((name) => {
      const content = parse(readFileSync(join(folder, name), 'utf8')) as unknown
      if (isTemplate(content)) return [basename(name, '.yaml'), content]
      const [mistake] = isTemplate.errors ?? []
      throw new Error(`${join(folder, name)} is no template: ${mistake?.instancePath ?? ''} ${mistake?.message ?? ''}.`)
    }),
  )
}

/** Those of the gateway. */
export const ownTemplates: Templates = readTemplates(join(import.meta.dirname, 'templates'))
