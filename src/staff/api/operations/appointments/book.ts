/** Booking: an appointment of a patient with a practitioner who is free then. */
import type { Appointment } from '@medplum/fhirtypes'
import { GatewayError } from '../../../../kernel/errors.ts'
import { MINUTE, clinicZone, dayAt, instantText, spanOfDays } from '../../clinic-time.ts'
import type { ApiOperation, ApiRequest } from '../../operation.ts'
import type { ApiParts } from '../../parts.ts'
import { answerOf } from './answer.ts'
import { takePlace, wholeMinute } from './place.ts'
import type { Place } from './place.ts'

interface Booking {
  readonly patient: string
  readonly practitioner: string
  readonly start: string
  readonly minutes: number
  readonly reason?: string
  readonly notes?: string
}

export const bookAppointment: ApiOperation = {
  async handle(request, parts) {
    const booking = request.body as Booking
    const start = await startOf(request, parts, booking.start)
    const place = { practitioner: booking.practitioner, start, end: start + booking.minutes * MINUTE }
    await assertPeople(request, booking)
    const appointment = appointmentOf(booking, place)
    const { records } = request
    const made = await takePlace(records, place, (free) => records.create<'Appointment'>(appointment, free))
    return answerOf(request, made, 201)
  },
  async again(request, [name = '']) {
    return answerOf(request, (await request.records.readVersion(name)) as Appointment, 201)
  },
}

/** Nothing is booked into days that are over; today's may have begun, for who walks in. */
export async function startOf({ tenant }: ApiRequest, parts: ApiParts, text: string): Promise<number> {
  const start = wholeMinute(text)
  const zone = await clinicZone(parts, tenant)
  if (start >= spanOfDays(zone, dayAt(zone, Date.now())).from) return start
  throw new GatewayError('GW_BAD_REQUEST', 'The start lies before today: choose a time that is still to come.', {
    expression: 'body.start',
  })
}

/** Who is not there, or may not be seen, is a mistake of what was sent. */
async function assertPeople({ records }: ApiRequest, { patient, practitioner }: Booking): Promise<void> {
  await assertThere(records, 'Patient', patient)
  await assertThere(records, 'Practitioner', practitioner)
}

export async function assertThere(
  records: ApiRequest['records'],
  type: 'Patient' | 'Practitioner',
  id: string,
): Promise<void> {
  const { found } = await records.search(type, [
    ['_id', id],
    ['_total', 'none'],
  ])
  if (found.length > 0) return
  const expression = `body.${type.toLowerCase()}`
  throw new GatewayError('GW_BAD_REQUEST', `${expression} names nobody who is here.`, { expression })
}

/** The patient first: the appointment lives where the patient's record does. */
function appointmentOf({ patient, practitioner, reason, notes }: Booking, { start, end }: Place): Appointment {
  return {
    resourceType: 'Appointment',
    status: 'booked',
    ...(reason !== undefined && { description: reason }),
    ...(notes !== undefined && { comment: notes }),
    start: instantText(start),
    end: instantText(end),
    minutesDuration: (end - start) / MINUTE,
    participant: [
      { actor: { reference: `Patient/${patient}` }, status: 'needs-action' },
      { actor: { reference: `Practitioner/${practitioner}` }, status: 'accepted' },
    ],
  }
}
