/** `json-text`: a JSON column ↔ the string of its JSON, for a structure that has no FHIR shape (qivr medical history). */
import type { CodecDefinition } from '../codec.ts'
import { NotStorableError } from '../errors.ts'
import { storeText } from './text.ts'

/** `[]` and `{}` say nothing, as text too */
const NOTHING = /^(\[\s*\]|\{\s*\}|null|"")?$/

function read(stored: unknown): string | undefined {
  if (typeof stored !== 'object' || stored === null) {
    const text = String(stored).trim()
    return NOTHING.test(text) ? undefined : text
  }
  return Object.keys(stored).length > 0 ? JSON.stringify(stored) : undefined
}

function write(fhir: unknown, before: unknown): unknown {
  if (fhir === undefined) return null
  if (typeof before === 'string') return storeText(fhir, before)
  const value = parsed(fhir as string)
  // In the column it would be a text like any other, and read as that
  if (value === undefined || typeof value === 'string') {
    throw new NotStorableError('The text must be JSON, and more than one string: the column holds a JSON value.')
  }
  return value
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export const jsonText: CodecDefinition = {
  name: 'json-text',
  types: ['string', 'markdown'],
  fields: 1,
  make: () => ({ read, write }),
}
