/**
 * What a document holds beside its Composition (R4 documents.html#content): everything that the Composition, or the report it
 * is made of, refers to itself, and what that refers to in turn, of the same patient or of no patient.
 */
import type { Found } from '../../store/search-reader.ts'
import type { FhirContext } from '../context.ts'
import { isOfNobodyElse, patientsOf } from '../record/belonging.ts'
import { referredBy } from '../record/referred.ts'
import { rootOf } from '../record/root.ts'

export interface Gathered {
  readonly root: Found
  /** patients first, as a document is read */
  readonly others: readonly Found[]
}

/** All of one moment. Throws 413 where it is more than a document may hold. */
export function gather(context: FhirContext, type: string, id: string): Promise<Gathered> {
  const { tenant } = context.permit
  return context.reader.atMoment(undefined, async (reader) => {
    const reading = { ...context, reader, now: Date.now() }
    const root = await rootOf(reading, type, id)
    const patients = patientsOf(type, root.k ?? [])
    const others = await referredBy(reading, [{ body: withoutPredecessors(root) }], {
      seen: new Set([root._id]),
      isShown: (other, otherId, keys, round) =>
        // Another document that a part of this one names is a document of its own
        round === 0 || (other !== 'Composition' && isOfNobodyElse(patients, other, otherId, keys)),
      most: context.limits.everythingEntries - 1,
    })
    context.request.trail?.saw([root, ...others])
    const isPatient = ({ _id }: Found): boolean => _id.startsWith(`${tenant}/Patient/`)
    return { root, others: [...others.filter(isPatient), ...others.filter((each) => !isPatient(each))] }
  })
}

/** What a Composition replaces or was made of is no part of it. */
function withoutPredecessors({ body }: Found): Buffer {
  if (!body.includes('"relatesTo"')) return body
  const { relatesTo: _, ...rest } = JSON.parse(body.toString()) as Record<string, unknown>
  return Buffer.from(JSON.stringify(rest))
}
