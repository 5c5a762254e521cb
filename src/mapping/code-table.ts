/**
 * A code table of `codes.yaml`: which stored word stands for which FHIR code (or codes), and which is written back.
 *
 * Several stored words may read as the same code; exactly one of them is written, the others carry a `~`.
 */
export type FhirCode = string | readonly string[]

export interface CodeTable {
  readonly name: string
  /** code system of a table of concepts */
  readonly system?: string
  /** normalised stored word → FHIR code */
  readonly toFhir: ReadonlyMap<string, FhirCode>
  /** FHIR code (lists joined with a space) → stored value as the table spells it */
  readonly toStored: ReadonlyMap<string, string | number | boolean>
  /** what an unknown word reads as */
  readonly otherwise?: FhirCode
  /** code → display */
  readonly display: ReadonlyMap<string, string>
  /** where in codes.yaml a normalised word stands; without one, where `else` does */
  placeOf(word?: string): { readonly file: string; readonly line: number }
}

/** Words are matched trimmed and case-insensitively; 1, "1" and true are the same word, so are 0, "0" and false. */
export function normaliseWord(stored: unknown): string {
  if (typeof stored !== 'string' || stored.length > LONGEST_WORD) return normalised(stored)
  const known = words.get(stored)
  if (known !== undefined) return known
  const word = normalised(stored)
  if (words.size >= MOST_WORDS) words.clear()
  words.set(stored, word)
  return word
}

/** Columns of codes hold few different words: they are remembered. */
const words = new Map<string, string>()
const MOST_WORDS = 10_000
const LONGEST_WORD = 40

function normalised(stored: unknown): string {
  const word = String(stored).trim().toLowerCase()
  if (word === 'true') return '1'
  if (word === 'false') return '0'
  return word
}

/** The key of a FHIR code (or list of them) in `toStored`. */
export function codeKey(code: FhirCode): string {
  return typeof code === 'string' ? code : code.join(' ')
}
