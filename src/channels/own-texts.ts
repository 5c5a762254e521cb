/**
 * What a clinic says in its own words instead of the gateway's (`texts` of its settings): of a kind of message, in every
 * language. What it does not say stays as it is.
 */
import type { MessageLanguage } from './language.ts'
import type { Template, Templates } from './template.ts'
import { ownTemplates } from './template.ts'

export interface OwnWording {
  readonly subject?: string
  readonly lines?: readonly string[]
  readonly action?: string
  readonly short?: readonly string[]
}

export type OwnText = { readonly [Language in MessageLanguage]?: OwnWording }

export function withOwn(template: Template, { en, ar }: OwnText): Template {
  return { en: { ...template.en, ...en }, ar: { ...template.ar, ...ar } }
}

/** Where it stands, and a sentence that says what to change. */
export interface TextMistake {
  readonly at: string
  readonly sentence: string
}

const LANGUAGES = ['en', 'ar'] as const
const NAMES = { en: 'English', ar: 'Arabic' } as const
/** Seen without the message: on locked screens, in lists, on buttons. */
const WITHOUT_FACTS = ['subject', 'action'] as const
const FIELDS = [...WITHOUT_FACTS, 'lines', 'short'] as const
const BRACES = /\{[^{}]*\}|[{}]/g

export function textMistake(
  texts: Readonly<Record<string, OwnText>>,
  templates: Templates = ownTemplates,
): TextMistake | undefined {
  for (const [kind, text] of Object.entries(texts)) {
    const template = templates.get(kind)
    if (!template)
      return { at: kind, sentence: `There are no messages ${kind}; there are ${[...templates.keys()].join(', ')}.` }
    const mistake = missingIn(kind, text) ?? factMistake(kind, text, factsOf(template))
    if (mistake) return mistake
  }
  return undefined
}

/** Nobody is to read a clinic's own words and the gateway's in turn. */
function missingIn(kind: string, text: OwnText): TextMistake | undefined {
  for (const field of FIELDS) {
    const said = LANGUAGES.filter((language) => text[language]?.[field] !== undefined)
    const missing = LANGUAGES.find((language) => !said.includes(language))
    if (said.length === 0 || missing === undefined) continue
    const sentence = `The ${field} of ${kind} is said in one language only: say it in ${NAMES[missing]} too.`
    return { at: `${kind}.${missing}.${field}`, sentence }
  }
  return undefined
}

function factMistake(kind: string, text: OwnText, known: ReadonlySet<string>): TextMistake | undefined {
  for (const language of LANGUAGES) {
    const said = text[language] ?? {}
    for (const field of FIELDS) {
      for (const [index, words] of [said[field] ?? []].flat().entries()) {
        const at = `${kind}.${language}.${field}${Array.isArray(said[field]) ? `[${index}]` : ''}`
        const named = words.match(BRACES) ?? []
        if (named.length > 0 && isWithoutFacts(field)) {
          return { at, sentence: `The ${field} is shown where anybody may look: it must not name ${named[0]}.` }
        }
        const unknown = named.find((each) => !known.has(each))
        if (unknown !== undefined) {
          return { at, sentence: `${kind} knows no ${unknown}; it knows ${[...known].join(', ')}.` }
        }
      }
    }
  }
  return undefined
}

function isWithoutFacts(field: (typeof FIELDS)[number]): boolean {
  return WITHOUT_FACTS.some((each) => each === field)
}

/** As the gateway's own words name them, each in a form that it can be written in. */
function factsOf(template: Template): Set<string> {
  return new Set([...(JSON.stringify(template).match(/\{\w+(?::\w+)?\}/g) ?? []), '{clinic}'])
}
