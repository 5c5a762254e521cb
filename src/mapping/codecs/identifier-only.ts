/**
 * `identifier-only` + `system`: a key ↔ a Reference that holds it as an identifier, where the row it names is no resource,
 * or nobody knows of which collection it is (no `system`).
 */
import type { CodecDefinition } from '../codec.ts'
import { refuseLoss } from './covers.ts'
import { readText, storeText } from './text.ts'

export const identifierOnly: CodecDefinition = {
  name: 'identifier-only',
  types: ['Reference'],
  fields: 1,
  options: { system: { type: 'string', minLength: 1 } },
  make({ system }) {
    const identifierOf = (value: unknown): object => ({
      identifier: { ...(system !== undefined && { system }), value },
    })
    return {
      read(stored) {
        const value = readText(stored)
        return value === undefined ? undefined : identifierOf(value)
      },
      write(fhir, before) {
        const value = (fhir as { identifier?: { value?: unknown } }).identifier?.value
        refuseLoss(identifierOf(value), fhir, 'reference')
        return storeText(value, before)
      },
    }
  },
}
