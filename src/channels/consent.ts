/**
 * Whether a patient lets the clinic write at all, by Consents: denied is what an active one denies of Communications, or of
 * everything, to everybody or to nobody that is known. What is said of single records, of illnesses or to single people is
 * about reading these, and says nothing of messages.
 */
import type { Denial } from '../access/denial.ts'
import { denialsIn } from '../access/restricted.ts'
import type { Restrictions } from '../access/restricted.ts'

const TYPE = 'Communication'
/** Nobody in particular, for running the clinic (v3-ActReason: appointments and what belongs to them) */
const SENDER = { client: '', clearance: [], purposes: ['PATADMIN'] } as const

/** `patient`: id */
export function deniesContact(restrictions: Restrictions, patient: string, now: number): boolean {
  const own = restrictions.consents.filter((each) => each.patient === patient)
  return own.flatMap((consent) => denialsIn(consent, SENDER, restrictions, now)).some(isOfMessages)
}

function isOfMessages({ types, codes, labels, names, about, dates, but = [] }: Denial): boolean {
  const isOfSome = [codes, labels, names, about, dates].some((part) => part !== undefined)
  const isMeant = types ? types.includes(TYPE) && !names && !about : !isOfSome
  return isMeant && !but.some(isOfMessages)
}
