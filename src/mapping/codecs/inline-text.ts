/** `inline-text`: text ↔ its UTF-8 bytes in base64, for an attachment that carries its text itself. Kept untrimmed. */
import type { CodecDefinition } from '../codec.ts'
import { NotStorableError } from '../errors.ts'
import { readText } from './text.ts'

function read(stored: unknown): string | undefined {
  const text = readText(stored)
  return text === undefined ? undefined : encode(typeof stored === 'string' ? stored : text)
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64')
}

function write(fhir: unknown, before: unknown): unknown {
  if (fhir === undefined) return null
  if (read(before) === fhir) return before
  const data = fhir as string
  const text = Buffer.from(data, 'base64').toString()
  if (encode(text) !== data.replace(/\s/g, '')) {
    throw new NotStorableError('The source holds text: send the base64 of UTF-8 text.')
  }
  return text.trim() === '' ? null : text
}

export const inlineText: CodecDefinition = {
  name: 'inline-text',
  types: ['base64Binary'],
  fields: 1,
  make: () => ({ read, write }),
}
