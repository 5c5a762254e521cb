/** Reference and URI parameters (R4 search.html#reference, #uri). */
import { parseReference } from '../references.ts'
import { type Extractor, type SearchKeys, sortBy, textOf } from './shape.ts'
import { identifierParameter, tokenKeys, uriKey } from './text.ts'

export const referenceKeys: Extractor = (parameter) => {
  const byIdentifier = identifierParameter(parameter)
  return (value, _sibling, keys) => {
    const text = referenceText(value)
    if (text !== undefined) addUri(keys, parameter, text)
    const identifier = (value as { identifier?: unknown } | undefined)?.identifier
    if (identifier === undefined) return
    for (const key of tokenKeys(byIdentifier, textOf(identifier, 'system'), textOf(identifier, 'value')))
      keys.k.push(key)
  }
}

/** A resource in the place of a reference: the first entry of a document or message Bundle. */
export const embeddedKeys: Extractor = (parameter) => (value, _sibling, keys) => {
  const type = textOf(value, 'resourceType')
  const id = textOf(value, 'id')
  if (type !== undefined && id !== undefined) addUri(keys, parameter, `${type}/${id}`)
}

/** A canonical is found with the version it names and without. */
export const canonicalKeys: Extractor = (parameter) => (value, _sibling, keys) => {
  if (typeof value !== 'string') return
  addUri(keys, parameter, value)
  const bar = value.indexOf('|')
  if (bar > 0) keys.k.push(uriKey(parameter, value.slice(0, bar)))
}

export const uriKeys: Extractor = (parameter) => (value, _sibling, keys) => {
  if (typeof value === 'string') addUri(keys, parameter, value)
}

function addUri(keys: SearchKeys, parameter: string, uri: string): void {
  keys.k.push(uriKey(parameter, uri))
  sortBy(keys, parameter, uri)
}

/** What a literal reference is found by. */
export function referenceText(value: unknown): string | undefined {
  const text = textOf(value, 'reference')
  return text === undefined || text.startsWith('#') ? undefined : withoutVersion(text)
}

/** `Patient/1/_history/2` is a reference to Patient/1, on this server or another. */
function withoutVersion(reference: string): string {
  const at = reference.indexOf('/_history/')
  return at < 0 || !parseReference(reference) ? reference : reference.slice(0, at)
}
