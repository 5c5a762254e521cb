/** Token parameters (R4 search.html#token). */
import { type Extractor, listOf, type SearchKeys, sortBy, textOf } from './shape.ts'
import { tokenKeys } from './text.ts'

export function addToken(
  keys: SearchKeys,
  parameter: string,
  system: string | undefined,
  code: string | undefined,
): void {
  for (const key of tokenKeys(parameter, system, code)) keys.k.push(key)
  if (code !== undefined) sortBy(keys, parameter, code)
}

export const codingKeys: Extractor = (parameter) => (value, _sibling, keys) => {
  addToken(keys, parameter, textOf(value, 'system'), textOf(value, 'code'))
}

export const conceptKeys: Extractor = (parameter) => {
  const add = codingKeys(parameter)
  return (value, sibling, keys) => {
    for (const coding of listOf(value, 'coding')) add(coding, sibling, keys)
  }
}

export const identifierKeys: Extractor = (parameter) => (value, _sibling, keys) => {
  addToken(keys, parameter, textOf(value, 'system'), textOf(value, 'value'))
}

/** The system of a ContactPoint (phone, email) is no code system and takes no part. */
export const contactKeys: Extractor = (parameter) => (value, _sibling, keys) => {
  addToken(keys, parameter, undefined, textOf(value, 'value'))
}

export const primitiveTokenKeys: Extractor = (parameter) => (value, _sibling, keys) => {
  if (typeof value === 'string' || typeof value === 'boolean') addToken(keys, parameter, undefined, String(value))
}
