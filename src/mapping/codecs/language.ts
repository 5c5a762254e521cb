/** `language`: `en-AU` ↔ CodeableConcept with its BCP 47 code; a language said in words is text only. */
import type { CodecDefinition } from '../codec.ts'
import { refuseLoss } from './covers.ts'
import { readText, storeText } from './text.ts'

const BCP_47 = 'urn:ietf:bcp:47'
const CODE = /^[a-z]{2,3}(-[a-z0-9]{2,8})*$/i

interface Concept {
  readonly coding?: readonly { readonly code?: string }[]
  readonly text?: string
}

function read(stored: unknown): object | undefined {
  const text = readText(stored)
  if (text === undefined) return undefined
  return CODE.test(text) ? { coding: [{ system: BCP_47, code: text }] } : { text }
}

function write(fhir: unknown, before: unknown): unknown {
  if (fhir === undefined) return null
  const { coding, text } = fhir as Concept
  const stored = storeText(coding?.[0]?.code ?? text, before)
  refuseLoss(read(stored), fhir, 'language')
  return stored
}

export const language: CodecDefinition = {
  name: 'language',
  types: ['CodeableConcept'],
  fields: 1,
  make: () => ({ read, write }),
}
