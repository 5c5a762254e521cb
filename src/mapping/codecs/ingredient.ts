/**
 * `ingredient`: `[name, strength]` → the one ingredient of a Medication, where the strength can be parsed for sure.
 *
 * R4 wants an item in every ingredient, so a medication whose strength stays text has none. Read only.
 */
import type { CodecDefinition } from '../codec.ts'
import { strength } from './strength.ts'
import { readText } from './text.ts'

const ratio = strength.make({ type: 'Ratio' })

export const ingredient: CodecDefinition = {
  name: 'ingredient',
  types: ['Medication.ingredient'],
  fields: 2,
  list: true,
  make: () => ({
    read(stored, context) {
      const [name, amount] = stored as readonly unknown[]
      const text = readText(name)
      const parsed = amount === null ? undefined : ratio.read(amount, context)
      return text === undefined || parsed === undefined
        ? undefined
        : [{ itemCodeableConcept: { text }, strength: parsed }]
    },
  }),
}
