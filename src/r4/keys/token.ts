/** Token parameters (R4 search.html#token). */
import { type Extractor, listOf, type SearchKeys, sortBy, textOf } from './shape.ts'
import { fold, foldedKey, ofTypeKey, textParameter, tokenKeys } from './text.ts'

export function addToken(
  keys: SearchKeys,
  parameter: string,
  system: string | undefined,
  code: string | undefined,
): void {
  for (const key of tokenKeys(parameter, system, code)) keys.k.push(key)
  if (code !== undefined) sortBy(keys, parameter, code)
}

export const codingKeys: Extractor = (parameter) => {
  const texts = textParameter(parameter)
  return (value, _sibling, keys) => {
    addToken(keys, parameter, textOf(value, 'system'), textOf(value, 'code'))
    addText(keys, texts, textOf(value, 'display'))
  }
}

export const conceptKeys: Extractor = (parameter) => {
  const add = codingKeys(parameter)
  const texts = textParameter(parameter)
  return (value, sibling, keys) => {
    for (const coding of listOf(value, 'coding')) add(coding, sibling, keys)
    addText(keys, texts, textOf(value, 'text'))
  }
}

export const identifierKeys: Extractor = (parameter) => {
  const texts = textParameter(parameter)
  return (identifier, _sibling, keys) => {
    const value = textOf(identifier, 'value')
    addToken(keys, parameter, textOf(identifier, 'system'), value)
    const type = (identifier as { type?: unknown } | undefined)?.type
    if (type === undefined) return
    addText(keys, texts, textOf(type, 'text'))
    for (const coding of listOf(type, 'coding')) {
      const [system, code] = [textOf(coding, 'system'), textOf(coding, 'code')]
      if (system !== undefined && code !== undefined && value !== undefined) {
        keys.k.push(ofTypeKey(parameter, system, code, value))
      }
    }
  }
}

/** `:text`: what begins so is found, as in a string parameter. */
function addText(keys: SearchKeys, texts: string, text: string | undefined): void {
  if (text === undefined) return
  const folded = fold(text)
  if (folded !== '') keys.k.push(foldedKey(texts, folded))
}

/** The system of a ContactPoint (phone, email) is no code system and takes no part. */
export const contactKeys: Extractor = (parameter) => (value, _sibling, keys) => {
  addToken(keys, parameter, undefined, textOf(value, 'value'))
}

export const primitiveTokenKeys: Extractor = (parameter) => (value, _sibling, keys) => {
  if (typeof value === 'string' || typeof value === 'boolean') addToken(keys, parameter, undefined, String(value))
}
