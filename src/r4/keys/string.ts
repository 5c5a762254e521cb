/** String parameters (R4 search.html#string), translations of bilingual texts included. */
import { type Extractor, listOf, type SearchKeys, sortBy, textOf } from './shape.ts'
import { fold } from './fold.ts'
import { exactKey, foldedKey } from './text.ts'

const translation = 'http://hl7.org/fhir/StructureDefinition/translation'
const maximumWords = 8

type AddText = (keys: SearchKeys, parameter: string, text: string) => unknown

export const stringKeys: Extractor = (parameter) => (value, sibling, keys) => {
  addAll(value, sibling, keys, parameter, addText)
}

export const humanNameKeys: Extractor = (parameter) => (name, _sibling, keys) => {
  addProperty(name, 'family', keys, parameter, addText)
  addProperty(name, 'given', keys, parameter, addText)
  addProperty(name, 'prefix', keys, parameter, addText)
  addProperty(name, 'suffix', keys, parameter, addText)
  addProperty(name, 'text', keys, parameter, addWords)
}

export const addressKeys: Extractor = (parameter) => (address, _sibling, keys) => {
  addProperty(address, 'text', keys, parameter, addWords)
  addProperty(address, 'line', keys, parameter, addWords)
  for (const part of ['city', 'district', 'state', 'postalCode', 'country']) {
    addProperty(address, part, keys, parameter, addText)
  }
}

function addProperty(object: unknown, name: string, keys: SearchKeys, parameter: string, add: AddText): void {
  const properties = object as Readonly<Record<string, unknown>> | undefined
  const value = properties?.[name]
  const sibling = properties?.[`_${name}`]
  if (value !== undefined || sibling !== undefined) addAll(value, sibling, keys, parameter, add)
}

function addAll(value: unknown, sibling: unknown, keys: SearchKeys, parameter: string, add: AddText): void {
  if (typeof value === 'string') add(keys, parameter, value)
  else if (Array.isArray(value)) for (const item of value) addAll(item, undefined, keys, parameter, add)
  for (const text of translations(sibling)) add(keys, parameter, text)
}

/** What the `_name` beside a primitive says in other languages; beside a list, of all its items. */
function translations(sibling: unknown): string[] {
  if (sibling === undefined || sibling === null) return []
  if (Array.isArray(sibling)) return sibling.flatMap(translations)
  return listOf(sibling, 'extension')
    .filter((it) => textOf(it, 'url') === translation)
    .flatMap((it) => listOf(it, 'extension'))
    .filter((it) => textOf(it, 'url') === 'content')
    .flatMap((it) => textOf(it, 'valueString') ?? textOf(it, 'valueMarkdown') ?? [])
}

function addText(keys: SearchKeys, parameter: string, text: string): string {
  const folded = fold(text)
  if (folded === '') return folded
  keys.k.push(foldedKey(parameter, folded), exactKey(parameter, text))
  sortBy(keys, parameter, folded)
  return folded
}

/** Also what begins at each later word, so that `name=noor` finds "Al Noor". */
function addWords(keys: SearchKeys, parameter: string, text: string): void {
  const folded = addText(keys, parameter, text)
  let at = folded.indexOf(' ')
  for (let word = 1; at >= 0 && word < maximumWords; word++) {
    keys.k.push(foldedKey(parameter, folded.slice(at + 1)))
    at = folded.indexOf(' ', at + 1)
  }
}
