/** Is a coding in a set of codes, and is its display one of the code's (R4 valueset-operation-validate-code.html)? */
import type { Coding } from '@medplum/fhirtypes'
import { foldWhole } from '../keys/fold.ts'
import type { CodeSet, Entry, Gap } from './code-set.ts'
import { displayIn } from './languages.ts'
import { membershipOf } from './terminology.ts'

export interface Verdict {
  readonly result: boolean
  /** why not, or what is worth knowing although it is */
  readonly message?: string
  /** as the code system says it, in the language that is wanted */
  readonly display?: string | undefined
  readonly entry?: Entry
  /** it cannot be told: what is missing */
  readonly gap?: Gap
}

export interface Question {
  /** as messages name it: `the value set "…"` */
  readonly name: string
  readonly languages: readonly string[]
  /** abstract codes are right where it is asked */
  readonly abstract: boolean
}

export function validateCoding(codes: CodeSet, coding: Coding, question: Question): Verdict {
  const membership = membershipOf(codes, coding)
  if (membership.is === 'unknown') return { result: false, gap: membership.gap }
  if (membership.is === 'out') {
    return { result: false, message: `The code ${named(coding)} is not in ${question.name}.` }
  }
  const { entry } = membership
  const display = displayIn(entry, question.languages)
  const problem = problemOf(entry, coding, question)
  const remark = problem ?? remarkOn(entry, coding)
  return { result: problem === undefined, display, entry, ...(remark !== undefined && { message: remark }) }
}

/** One coding that is right is enough; otherwise what is wrong with all of them. */
export function validateCodings(codes: CodeSet, codings: readonly Coding[], question: Question): Verdict {
  const verdicts = codings.map((coding) => validateCoding(codes, coding, question))
  const right = verdicts.find(({ result }) => result) ?? verdicts.find(({ gap }) => gap)
  if (right) return right
  const messages = verdicts.flatMap(({ message }) => message ?? [])
  const shown = verdicts.find(({ entry }) => entry)
  return {
    ...shown,
    result: false,
    message: messages.join(' ') || `There is no coding to look for in ${question.name}.`,
  }
}

function problemOf(entry: Entry, { display }: Coding, { abstract, languages }: Question): string | undefined {
  if (entry.abstract && !abstract) {
    return `The code "${entry.code}" is abstract: it stands for those below it, and is not chosen itself.`
  }
  const names = [entry.display, ...entry.designation.map(({ value }) => value)].filter((name) => name !== undefined)
  if (display === undefined || names.length === 0) return undefined
  const wanted = foldWhole(display)
  if (names.some((name) => foldWhole(name) === wanted)) return undefined
  return `The display of "${entry.code}" is "${displayIn(entry, languages)}", not "${display}".`
}

function remarkOn({ code, inactive, version, system }: Entry, asked: Coding): string | undefined {
  if (inactive) return `The code "${code}" is not in use any more.`
  if (asked.version === undefined || version === undefined || asked.version === version) return undefined
  return `This was judged by version ${version} of "${system}", not by version ${asked.version}.`
}

function named({ system, code }: Coding): string {
  return system === undefined ? `"${code}"` : `"${code}" of "${system}"`
}
