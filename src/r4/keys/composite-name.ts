/**
 * How a composite is written in the index: `code-value-concept=8480-6$POS|http://loinc.org|http://acme.org`, first what its
 * parts are, then the systems of those that are tokens. So a search that leaves a system out is a range all the same.
 */

/** A token, string or reference; `tail` is the system of a token, empty when it has none. */
export interface TextPart {
  readonly text: string
  readonly tail?: string
}

export function compositeName(code: string, parts: readonly TextPart[]): string {
  const texts = parts.map(({ text }) => encoded(text)).join('$')
  const tails = parts.map(({ tail }) => (tail === undefined ? '' : `|${encoded(tail)}`)).join('')
  return `${code}=${texts}${tails}`
}

export function encoded(text: string): string {
  return text.replace(/[\\|$]/g, '\\$&')
}

/** Any text as it is encoded, in a regular expression. */
export const ANY_ENCODED = '(?:[^\\\\|$]|\\\\.)*'
