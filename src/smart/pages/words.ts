/** What codes, scopes and dates are called on a page. */
import type { SmartScope } from '../../access/scope.ts'
import type { Language } from './texts/texts.ts'
import { textsOf } from './texts/texts.ts'

/** FHIR's own name for types that have none in the language. */
export function recordName(language: Language, type: string): string {
  if (type === '*') return textsOf(language).consent.everything
  const names: Readonly<Record<string, string | undefined>> = textsOf(language).records
  return names[type] ?? type.replace(/(?<=[a-z])(?=[A-Z])/g, ' ')
}

/** `kind`: a category as a search value, `system|code`. */
export function kindName(language: Language, kind: string): string {
  const code = kind.slice(kind.lastIndexOf('|') + 1)
  const names: Readonly<Record<string, string | undefined>> = textsOf(language).categories
  return names[code] ?? code
}

/** What a granular scope is narrowed by. */
export function partWords(language: Language, { where }: SmartScope): string {
  const words = where.map(([name, value]) => (name === 'category' ? kindName(language, value) : `${name} = ${value}`))
  return listed(language, words)
}

/** What the letters of a scope allow. */
export function actionWords(language: Language, letters: string): string {
  const words = textsOf(language).consent.actions
  const order = ['r', 's', 'c', 'u', 'd'] as const
  return listed(
    language,
    order.filter((each) => letters.includes(each)).map((each) => words[each]),
  )
}

export function listed(language: Language, words: readonly string[]): string {
  return new Intl.ListFormat(localeOf(language), { type: 'unit', style: 'short' }).format(words)
}

/** A name of letters that run against the text around it, kept from mixing with it. */
export function isolated(language: Language, name: string): string {
  const isForeign = language === 'ar' ? /[A-Za-z]/.test(name) : /\p{Script=Arabic}|\p{Script=Hebrew}/u.test(name)
  return isForeign ? `\u2068${name}\u2069` : name
}

/** Day before month, as most of the world writes it. */
export function localeOf(language: Language): string {
  return language === 'en' ? 'en-GB' : language
}

/** A FHIR date or date-time, as exact as it is; others as they stand. The zone is the one it was said in. */
export function dateText(language: Language, date: string): string {
  const moment = momentOf(date)
  return moment === undefined ? date : formatOf(language, date).format(moment)
}

/** From one to the other, what both have in common said once. */
export function periodText(language: Language, start: string, end: string): string | undefined {
  const [from, to] = [momentOf(start), momentOf(end)]
  if (from === undefined || to === undefined || from > to) return undefined
  return formatOf(language, start.length < end.length ? start : end).formatRange(from, to)
}

/** Clock and calendar are kept as they were written: a visit was at ten wherever it is looked at. */
function momentOf(date: string): number | undefined {
  const [day = '', time] = date.split('T')
  if (!/^\d{4}(-\d\d){0,2}$/.test(day)) return undefined
  const moment = Date.parse(time === undefined ? day : `${day}T${time.slice(0, 5)}:00Z`)
  return Number.isNaN(moment) ? undefined : moment
}

function formatOf(language: Language, date: string): Intl.DateTimeFormat {
  const [day = '', time] = date.split('T')
  return new Intl.DateTimeFormat(localeOf(language), {
    timeZone: 'UTC',
    year: 'numeric',
    ...(day.length > 4 && { month: 'long' }),
    ...(day.length > 7 && { day: 'numeric' }),
    ...(time !== undefined && { hour: 'numeric', minute: '2-digit' }),
  })
}
