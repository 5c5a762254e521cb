/**
 * The texts of the multikey search index: `code=http://loinc.org|8867-4`, `name~al noor`. Extraction writes them and
 * queries look for them, both through these functions, so that they agree.
 */
import { fold, limit } from './fold.ts'

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

/** The parameter name under which quantities stand in the base units of UCUM, `g.m-3`. */
export function inUnit(parameter: string, unit: string): string {
  return `@${unit} ${parameter}`
}

/** Of a value that has no other key (a concept that is a text only), so that it is not missing. */
export function presentKey(parameter: string): string {
  return `${parameter}?`
}

/** All keys of a parameter that has any are from the first to before the second, but for texts to search in. */
export function keyLimits(parameter: string): [string, string] {
  return [`${parameter}:`, `${parameter}@`]
}
