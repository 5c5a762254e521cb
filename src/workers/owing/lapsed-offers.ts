/** An offer that nobody answered ends: what was asked for is called off, and the time is offered to who is next. */
import type { Appointment, Resource } from '@medplum/fhirtypes'
import { everythingOf } from '../../access/permit.ts'
import { firstSeen } from '../../store/mapped-rows.ts'
import type { Owing } from '../../store/owed.ts'
import { NOT_WANTED } from '../../store/owed.ts'
import type { PlainResource } from '../../store/plain-reads.ts'
import { plainReader, readPlain } from '../../store/plain-reads.ts'
import { appointmentIn } from './appointment-letter.ts'
import type { KindParts, PlannedKind } from './kind.ts'
import { isOn } from './kind.ts'
import { OFFERS, offerEnds, offerIn } from './offer.ts'

/** Offers that are older are over. */
const RECENT = 3 * 24 * 3_600_000

export function lapsedOffers({ store, plan }: KindParts): PlannedKind {
  const read = plainReader(store)
  const name = 'lapsed-offers'
  return {
    name,
    job: OFFERS,
    type: 'Communication',
    filter: (now) => ({ deleted: false, u: { $gt: new Date(now.getTime() - RECENT) }, origin: { $exists: false } }),
    async owing(t, resources) {
      if (!isOn(plan(), { t }, OFFERS)) return []
      const appointments = new Map(resources.flatMap(appointmentOf))
      const offered = await readPlain(store, everythingOf(t), [...new Set(appointments.values())])
      const starts = new Map(offered.filter(({ deleted }) => !deleted).map((each) => [each._id, startIn(each)]))
      const made = await firstSeen(store, [...appointments.keys()])
      return [...appointments].flatMap(([about, appointment]): Owing[] => {
        const start = starts.get(appointment) ?? NaN
        if (Number.isNaN(start)) return []
        return [
          { t, kind: name, about, which: 'lapse', due: new Date(offerEnds(made.get(about) ?? new Date(), start)) },
        ]
      })
    },
    async outgoing({ about, t }) {
      const found = await read(about)
      const offer = found && offerIn(found)
      const offered = offer && (await read(offer.appointment))
      if (!offered || offered.deleted || !isOn(plan(), { t }, OFFERS)) return NOT_WANTED
      const { status, id = '' } = appointmentIn(offered)
      if (status !== 'proposed') return 'the offer was answered'
      const edit = (current: Resource | undefined): Resource => {
        const appointment = current as Appointment
        return appointment.status === 'proposed' ? { ...appointment, status: 'cancelled' } : appointment
      }
      return { operations: [{ method: 'PUT', type: 'Appointment', id, edit }] }
    },
  }
}

/** The message, and the appointment that it offered. */
function appointmentOf(message: PlainResource): [string, string][] {
  const offer = offerIn(message)
  return offer ? [[message._id, offer.appointment]] : []
}

function startIn(appointment: PlainResource): number {
  return Date.parse(appointmentIn(appointment).start ?? '')
}
