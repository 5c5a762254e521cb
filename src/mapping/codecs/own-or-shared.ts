/**
 * `own-or-shared`: a column of the element's own, else those it shares with other resources, through the codec named
 * by `of`: a medicine's own status before that of its prescription.
 *
 * On write its own column takes the value, and is emptied where the others already say it: what is shared with other
 * resources never changes (entities §2 MedicationRequest, back).
 */
import type { Codec, CodecContext, CodecDefinition } from '../codec.ts'
import { NotStorableError } from '../errors.ts'
import { covers } from './covers.ts'

function isFilled(stored: unknown): boolean {
  return stored !== null && stored !== undefined && stored !== ''
}

function read(of: Codec, columns: readonly unknown[], context: CodecContext): unknown {
  const stored = columns.find(isFilled)
  return stored === undefined ? undefined : of.read(stored, context)
}

function write(of: Codec, fhir: unknown, [own, ...shared]: readonly unknown[], context: CodecContext): unknown[] {
  if (!of.write) throw new NotStorableError('is made by the gateway and cannot be written')
  const inherited = read(of, shared, context)
  if (fhir === undefined && inherited !== undefined) {
    throw new NotStorableError('The source has another value here that stands in its place; send a value.')
  }
  if (covers(inherited, fhir) && covers(fhir, inherited)) return [null, ...shared]
  return [of.write(fhir, own ?? null, context), ...shared]
}

export const ownOrShared: CodecDefinition = {
  name: 'own-or-shared',
  types: [],
  fields: 'any',
  table: 'optional',
  make({ of }) {
    if (!of) throw new Error('the codec "own-or-shared" needs an "of": the codec of one column')
    return {
      read: (stored, context) => read(of, stored as readonly unknown[], context),
      write: (fhir, before, context) => write(of, fhir, before as readonly unknown[], context),
    }
  },
}
