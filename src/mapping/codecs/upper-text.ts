/** `upper-text`: text in any case ↔ string in capitals ("ab+" is the blood group AB+); what is there stays on write. */
import type { CodecDefinition } from '../codec.ts'
import { readText, storeText } from './text.ts'

function read(stored: unknown): string | undefined {
  return readText(stored)?.toUpperCase()
}

export const upperText: CodecDefinition = {
  name: 'upper-text',
  types: ['string', 'code'],
  fields: 1,
  make: () => ({
    read,
    write(fhir, before) {
      if (fhir === undefined) return null
      const sent = typeof fhir === 'string' ? fhir.trim().toUpperCase() : fhir
      return read(before) === sent ? before : storeText(sent, before)
    },
  }),
}
