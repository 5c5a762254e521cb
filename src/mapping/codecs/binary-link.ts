/**
 * `binary-link`: the link of a file in a clinic's own storage ↔ `Binary/<id>`, which is all that goes out (entities G12).
 *
 * The id is the resource's own, with the option `slot` after it where a resource has several files: it says which row
 * and column hold the link. Sent back it means the stored link, unchanged; any other link is stored as sent.
 */
import type { CodecContext, CodecDefinition } from '../codec.ts'
import { NotStorableError } from '../errors.ts'
import { readText, storeText } from './text.ts'

/** What follows the id of the resource. */
export function fileSlot(slot: unknown): string {
  return typeof slot === 'string' ? `.${slot}` : ''
}

function linkOf({ id }: CodecContext, slot: string): string {
  return `Binary/${id}${slot}`
}

export const binaryLink: CodecDefinition = {
  name: 'binary-link',
  types: ['url', 'uri'],
  fields: 1,
  options: { slot: { type: 'string', pattern: '^[a-z0-9-]+$' } },
  make({ slot }) {
    const end = fileSlot(slot)
    return {
      read(stored, context) {
        const link = readText(stored)
        return link === undefined || context.storedLinks ? link : linkOf(context, end)
      },
      write(fhir, before, context) {
        if (fhir !== linkOf(context, end)) return storeText(fhir, before)
        if (before !== null && before !== undefined) return before
        throw new NotStorableError('The source holds no file that this Binary could stand for; send the address.')
      },
    }
  },
}
