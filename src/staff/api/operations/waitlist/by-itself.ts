/** The waitlist for who offers freed times by itself: whom a time suits, and what an offer is. */
import type { Appointment, Bundle, Resource } from '@medplum/fhirtypes'
import type { Stored } from '../appointments/change.ts'
import type { Place } from '../appointments/place.ts'
import { matchedIn } from './entry.ts'
import { suited } from './matches.ts'
import { offered } from './offer.ts'

export function staffWaitlist(base: () => string) {
  return {
    matchedBy: matchedIn,
    suited: (list: readonly Appointment[], along: readonly Resource[], place: Place, day: string): Appointment[] =>
      suited(list as readonly Stored[], along, place, day).map(({ resource }) => resource),
    offer: (entry: Appointment, place: Place): Bundle => offered(entry as Stored, place, { base: base() }),
  }
}
