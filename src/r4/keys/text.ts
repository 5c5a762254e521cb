/**
 * The texts of the multikey search index: `code=http://loinc.org|8867-4`, `name~al noor`. Extraction writes them and
 * queries look for them, both through these functions, so that they agree.
 */

const maximumLength = 200
const plain = /^[\x20-\x7e]*$/
const marks = /[\p{M}\u0640]/gu

/** The forms in which one token is found: with its system, in any system, and any code of its system. */
export function tokenKeys(parameter: string, system: string | undefined, code: string | undefined): string[] {
  const keys: string[] = []
  if (code !== undefined) keys.push(tokenKey(parameter, system ?? '', code), tokenKey(parameter, undefined, code))
  if (system !== undefined && system !== '') keys.push(systemKey(parameter, system))
  return keys
}

/** `system`: undefined for any, empty for none. */
export function tokenKey(parameter: string, system: string | undefined, code: string): string {
  return `${parameter}=${system === undefined ? '*' : limit(system)}|${limit(code)}`
}

export function systemKey(parameter: string, system: string): string {
  return `${parameter}=${limit(system)}|*`
}

/** A string search finds what begins with this key. */
export function stringKey(parameter: string, text: string): string {
  return foldedKey(parameter, fold(text))
}

export function foldedKey(parameter: string, folded: string): string {
  return `${parameter}~${folded}`
}

/** `:exact` */
export function exactKey(parameter: string, text: string): string {
  return `${parameter}==${limit(text)}`
}

/** Of a relative or absolute reference without its version, a canonical, or a URI. */
export function uriKey(parameter: string, uri: string): string {
  return `${parameter}=${limit(uri)}`
}

/** The parameter name under which `subject:identifier=system|value` is a token. */
export function identifierParameter(parameter: string): string {
  return `${parameter}:identifier`
}

/** The parameter name under which the texts of `code:text=heart` are strings. */
export function textParameter(parameter: string): string {
  return `${parameter}:text`
}

/** `identifier:of-type=system|code|value`: the first two are a coding of the identifier's type. */
export function ofTypeKey(parameter: string, system: string, code: string, value: string): string {
  return `${parameter}:of-type=${limit(system)}|${limit(code)}|${limit(value)}`
}

/** Of a value that has no other key (a concept that is a text only), so that it is not missing. */
export function presentKey(parameter: string): string {
  return `${parameter}?`
}

/** All keys of a parameter that has any are from the first to before the second, but for texts to search in. */
export function keyLimits(parameter: string): [string, string] {
  return [`${parameter}:`, `${parameter}@`]
}

/**
 * Text as a string search compares it: no case, accents, Arabic vowel signs or tatweel, single spaces
 * (R4 search.html#string).
 */
export function fold(text: string): string {
  const folded = plain.test(text) ? text.toLowerCase() : text.normalize('NFKD').toLowerCase().replace(marks, '')
  return limit(folded.replace(/\s+/g, ' ').trim())
}

function limit(text: string): string {
  return text.length > maximumLength ? text.slice(0, maximumLength).toWellFormed() : text
}
