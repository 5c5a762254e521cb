/** Token parameters (R4 search.html#token). */
import { fold } from './fold.ts'
import { type Extractor, listOf, type SearchKeys, sortBy, textOf } from './shape.ts'
import { foldedKey, ofTypeKey, textParameter, tokenKeys } from './text.ts'

/** A code with its system, or a value with its namespace. */
export interface Token {
  readonly system?: string | undefined
  readonly code: string
}

type Tokens = (value: unknown) => Token[]

function token(value: unknown, property: string): Token[] {
  const code = textOf(value, property)
  return code === undefined ? [] : [{ system: textOf(value, 'system'), code }]
}

const coding: Tokens = (value) => token(value, 'code')
const primitive: Tokens = (value) =>
  typeof value === 'boolean' || (typeof value === 'string' && value !== '') ? [{ code: String(value) }] : []

const byType: Readonly<Record<string, Tokens>> = {
  Coding: coding,
  CodeableConcept: (value) => listOf(value, 'coding').flatMap(coding),
  Identifier: (value) => token(value, 'value'),
  // The system of a ContactPoint (phone, email) is no code system and takes no part
  ContactPoint: (value) => token(value, 'value').map(({ code }) => ({ code })),
  boolean: primitive,
  code: primitive,
  id: primitive,
  string: primitive,
  uri: primitive,
}

/** The tokens that a value of the type is. */
export function tokensOf(type: string): Tokens | undefined {
  return byType[type]
}

function addToken(keys: SearchKeys, parameter: string, system: string | undefined, code: string | undefined): void {
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

/** Contacts and primitives: a value without system. */
export function plainTokenKeys(type: string): Extractor {
  const tokens = tokensOf(type)
  return (parameter) => (value, _sibling, keys) => {
    for (const { code } of tokens?.(value) ?? []) addToken(keys, parameter, undefined, code)
  }
}
