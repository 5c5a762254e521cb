/** `lines`: text ↔ list of its lines, trimmed, empty ones left out. */
import type { CodecDefinition } from '../codec.ts'
import { NotStorableError } from '../errors.ts'
import { readText } from './text.ts'

function read(stored: unknown): string[] | undefined {
  const lines = (readText(stored) ?? '').split('\n').map((line) => line.trim())
  const filled = lines.filter((line) => line !== '')
  return filled.length > 0 ? filled : undefined
}

function write(fhir: unknown, before: unknown): unknown {
  const lines = ((fhir ?? []) as readonly unknown[]).map((line) => String(line).trim()).filter((line) => line !== '')
  if (lines.some((line) => line.includes('\n'))) throw new NotStorableError('A line cannot hold a line break.')
  if (lines.length === 0) return null
  return lines.join(typeof before === 'string' && before.includes('\r\n') ? '\r\n' : '\n')
}

export const lines: CodecDefinition = {
  name: 'lines',
  types: ['string'],
  fields: 1,
  list: true,
  make: () => ({ read, write }),
}
