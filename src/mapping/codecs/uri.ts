/** `uri` + `start`: a key or word ↔ a URI that starts always the same, such as `IB/consent-form/6601`. */
import type { CodecDefinition } from '../codec.ts'
import { NotStorableError } from '../errors.ts'
import { readText, storeText } from './text.ts'

function read(start: string, stored: unknown): string | undefined {
  const text = readText(stored)
  return text === undefined ? undefined : start + encodeURIComponent(text)
}

function write(start: string, fhir: unknown, before: unknown): unknown {
  if (typeof fhir !== 'string' || !fhir.startsWith(start) || fhir === start) {
    throw new NotStorableError(`The source holds URIs that start with ${start} only.`)
  }
  return storeText(decoded(fhir.slice(start.length)), before)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new NotStorableError('The end of the URI is not URL-encoded text.')
  }
}

export const uri: CodecDefinition = {
  name: 'uri',
  types: ['uri', 'url', 'canonical', 'string'],
  fields: 1,
  options: { start: { type: 'string', minLength: 1 } },
  make(options) {
    const start = options['start']
    if (typeof start !== 'string') throw new Error('the codec "uri" needs a "start"')
    return { read: (stored) => read(start, stored), write: (fhir, before) => write(start, fhir, before) }
  },
}
