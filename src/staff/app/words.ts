/** What the app is told in words, in both of its languages; a refusal holds both until it is known who reads it. */
import { GatewayError } from '../../kernel/errors.ts'
import type { ErrorCode } from '../../kernel/errors.ts'

export type Words = readonly [english: string, arabic: string]

/** `lang` as it is sent and echoed: 0 English, 1 Arabic. */
export type Language = 0 | 1

/** A refusal in the app's own words. */
export class ToldError extends GatewayError {
  readonly words: Words

  constructor(code: ErrorCode, words: Words, options: { readonly expression?: string; readonly allow?: string } = {}) {
    super(code, words[0], options)
    this.words = words
  }
}

/** What a field may be: the sentence goes on after its name. */
export function badField(name: string, [english, arabic]: Words): ToldError {
  return new ToldError('GW_BAD_REQUEST', [`${name} ${english}.`, `الحقل ${name} ${arabic}.`], { expression: name })
}

/** Of one that somebody may not know of, and of one that never was: the same. */
export const NO_SUCH_CASE: Words = ['There is no such case.', 'لا توجد حالة كهذه.']

export function noSuchCase(): ToldError {
  return new ToldError('GW_NOT_FOUND', NO_SUCH_CASE)
}
