/** `concept-text`: text ↔ CodeableConcept with a text alone; codings are refused. */
import type { CodecDefinition } from '../codec.ts'
import { refuseLoss } from './covers.ts'
import { readText, storeText } from './text.ts'

function read(stored: unknown): { text: string } | undefined {
  const text = readText(stored)
  return text === undefined ? undefined : { text }
}

function write(fhir: unknown, before: unknown): unknown {
  if (fhir === undefined) return null
  const { text } = fhir as { text?: unknown }
  refuseLoss({ text }, fhir, 'concept')
  return storeText(text, before)
}

export const conceptText: CodecDefinition = {
  name: 'concept-text',
  types: ['CodeableConcept'],
  fields: 1,
  make: () => ({ read, write }),
}
