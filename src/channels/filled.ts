/** Lines with the facts in them, each as people of the language write it: dates and times in the zone of the clinic. */
import type { MessageLanguage } from './language.ts'
import type { Line } from './template.ts'

export interface Facts {
  /** IANA, of the clinic: there its patients are at ten when it says ten */
  readonly zone: string
  /** BCP 47: of what the language leaves open, such as which digits */
  readonly locale?: string
  readonly clinic?: string
  readonly link?: string
  /** moments are ISO 8601 with an offset */
  readonly [name: string]: string | number | readonly string[] | undefined
}

/** A line, in parts: what was put in may run the other way. */
export type FilledLine = readonly Part[]

export interface Part {
  readonly text: string
  readonly isFact: boolean
}

const DAY = { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' } as const
const CLOCK = { hour: 'numeric', minute: '2-digit' } as const
/** Of the Gregorian calendar wherever: that is what appointments are kept by. */
const CALENDAR = 'gregory'
const USUAL: Readonly<Record<MessageLanguage, string>> = { en: 'en-GB', ar: 'ar-EG' }
const PLACEHOLDER = /\{(\w+)(?::(date|time|number))?\}/

export function filled(lines: readonly Line[], language: MessageLanguage, facts: Facts): FilledLine[] {
  const locale = localeOf(language, facts.locale)
  return lines.flatMap((line) => {
    if (typeof line === 'string') return filledLine(line, locale, facts) ?? []
    if ('each' in line) return [facts[line.each] ?? []].flat().map((item) => [{ text: `• ${item}`, isFact: true }])
    const count = facts[line.plural]
    if (typeof count !== 'number') return []
    const form = new Intl.PluralRules(locale).select(count)
    return filledLine(line[form] ?? line.other, locale, facts) ?? []
  })
}

/** None where a fact is not known. Gives one line in a list, as the only one of them. */
function filledLine(line: string, locale: string, facts: Facts): [FilledLine] | undefined {
  const pieces = piecesOf(line)
  const parts: Part[] = []
  for (let at = 0; at < pieces.length; at += 3) {
    parts.push({ text: pieces[at] ?? '', isFact: false })
    if (at + 1 >= pieces.length) continue
    const value = facts[pieces[at + 1] ?? '']
    if (value === undefined || value === '' || typeof value === 'object') return undefined
    const text = written(value, pieces[at + 2], locale, facts.zone)
    if (text === undefined) return undefined
    parts.push({ text, isFact: true })
  }
  return [parts.filter((part) => part.text !== '')]
}

/** The lines of templates, and what clinics say in their own words. */
const split = new Map<string, readonly (string | undefined)[]>()
const MOST_LINES = 2_000

/** Every third of them is a name, the one after it a form. */
function piecesOf(line: string): readonly (string | undefined)[] {
  const known = split.get(line)
  if (known) return known
  const made = line.split(PLACEHOLDER)
  if (split.size >= MOST_LINES) split.clear()
  split.set(line, made)
  return made
}

function written(value: string | number, form: string | undefined, locale: string, zone: string): string | undefined {
  if (form === undefined) return String(value)
  if (form === 'number') return Number(value).toLocaleString(locale)
  const moment = Date.parse(String(value))
  if (Number.isNaN(moment)) return undefined
  return formatOf(locale, form === 'date' ? 'date' : 'clock', zone).format(moment)
}

/** Making one takes a hundred times as long as using it. */
const formats = new Map<string, Intl.DateTimeFormat>()
/** More than there are zones that write in a handful of locales. */
const MOST_FORMATS = 2_000

function formatOf(locale: string, shape: 'date' | 'clock', zone: string): Intl.DateTimeFormat {
  const name = `${locale} ${shape} ${zone}`
  const known = formats.get(name)
  if (known) return known
  const fields = shape === 'date' ? DAY : CLOCK
  const made = new Intl.DateTimeFormat(locale, { ...fields, timeZone: zone, calendar: CALENDAR })
  if (formats.size >= MOST_FORMATS) formats.clear()
  formats.set(name, made)
  return made
}

/** The patient's own where it is of the language. */
function localeOf(language: MessageLanguage, wished: string | undefined): string {
  if (wished === undefined || wished.toLowerCase() === language) return USUAL[language]
  try {
    return new Intl.Locale(wished).language === language ? wished : USUAL[language]
  } catch {
    return USUAL[language]
  }
}
