/** Offers to who waits for an appointment: a Communication about an appointment that is asked for. */
import type { Communication } from '@medplum/fhirtypes'
import type { PlainResource } from '../../store/plain-reads.ts'

export const OFFERS = 'waitlist-offers'
/** Whoever does not answer has had the offer. */
const ANSWER = 24 * 3_600_000
/** Who comes on short notice still gets there. */
const BEFORE = 3_600_000

export interface Offer {
  readonly message: Communication
  /** `_id` of the appointment */
  readonly appointment: string
}

/** Undefined: it is none. The gateway keeps them itself. */
export function offerIn({ deleted, origin, body, t }: PlainResource): Offer | undefined {
  if (deleted || origin) return undefined
  const message = JSON.parse(body) as Communication
  const reference = message.about?.[0]?.reference
  if (message.category?.[0]?.text !== 'waitlist-offer' || reference === undefined) return undefined
  return { message, appointment: `${t}/${reference}` }
}

/** When it ends; `made`: the offer */
export function offerEnds(made: Date, start: number): number {
  return Math.min(made.getTime() + ANSWER, start - BEFORE)
}
