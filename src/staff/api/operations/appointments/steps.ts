/** The steps of an appointment: confirmed, arrived at its end, or not. */
import type { Appointment } from '@medplum/fhirtypes'
import { GatewayError } from '../../../../kernel/errors.ts'
import type { ApiOperation, ApiRequest } from '../../operation.ts'
import { matchesOf } from '../waitlist/matches.ts'
import { answerOf } from './answer.ts'
import { answered, assertOpen, changeAppointment, changeSeen } from './change.ts'
import type { Edit, Stored } from './change.ts'
import { CANCELLATION, CANCELLED_BY, actorId, statusOf } from './view.ts'
import type { Place } from './place.ts'
import { takePlace } from './place.ts'

const idIn = ({ path }: ApiRequest): string => path['id'] as string

async function again(request: ApiRequest, [name = '']: readonly string[]): ReturnType<typeof answerOf> {
  return answerOf(request, (await request.records.readVersion(name)) as Appointment)
}

/** What was asked for is scheduled, in a place that is free; what is scheduled is confirmed: they come. */
export const confirmAppointment: ApiOperation = {
  again,
  async handle(request) {
    return answerOf(request, await confirm(request, await request.records.read('Appointment', idIn(request))))
  },
}

export async function confirm(request: Pick<ApiRequest, 'records' | 'version'>, seen: Stored): Promise<Stored> {
  assertOpen(seen)
  return takePlace(request.records, requestedPlace(seen), (free) => changeSeen(request, seen, nextStep, free))
}

/** A request must say when; with whom it may leave open. */
function requestedPlace(appointment: Stored): Place | undefined {
  if (statusOf(appointment) !== 'requested') return undefined
  const { start, end } = appointment
  if (start === undefined || end === undefined) {
    throw new GatewayError('GW_CONFLICT', 'It was asked for without a time: reschedule it first.')
  }
  const practitioner = actorId(appointment, 'Practitioner')
  return practitioner === undefined ? undefined : { practitioner, start: Date.parse(start), end: Date.parse(end) }
}

function nextStep(current: Stored): Stored {
  const status = statusOf(current)
  const expected = answered(current, 'Practitioner', 'accepted')
  if (status === 'requested') return { ...expected, status: 'booked' }
  if (status === 'scheduled') return answered(expected, 'Patient', 'accepted')
  throw new GatewayError('GW_CONFLICT', `It is ${status} already.`)
}

/** A no-show is known once the appointment has begun. */
export const missAppointment: ApiOperation = {
  again,
  async handle(request) {
    const missed = await changeAppointment(request, idIn(request), (current) => {
      assertBegun(current, 'nobody has missed it')
      return { ...current, status: 'noshow' }
    })
    return answerOf(request, missed)
  },
}

export const completeAppointment: ApiOperation = {
  again,
  async handle(request) {
    const completed = await changeAppointment(request, idIn(request), (current) => {
      assertBegun(current, 'it cannot be over')
      return { ...current, status: 'fulfilled' }
    })
    return answerOf(request, completed)
  },
}

function assertBegun({ start }: Stored, what: string): void {
  if (start === undefined || Date.parse(start) <= Date.now()) return
  throw new GatewayError('GW_CONFLICT', `It has not begun, so ${what}: cancel or reschedule it.`)
}

interface Cancellation {
  readonly reason: string
  readonly by: 'patient' | 'practitioner' | 'clinic'
}

export const cancelAppointment: ApiOperation = {
  again,
  async handle(request, parts) {
    const cancelled = await cancel(request, idIn(request), request.body as Cancellation)
    return answerOf(request, cancelled, 200, { waitlist: await matchesOf(request, parts, cancelled) })
  },
}

/** A patient who cancels has declined; a source that cannot hold that holds the reason alone. */
async function cancel(request: ApiRequest, id: string, { reason, by }: Cancellation): Promise<Stored> {
  const why = { coding: [{ system: CANCELLATION, ...CANCELLED_BY[by] }], text: reason }
  const edit: Edit = (current) => ({ ...current, status: 'cancelled', cancelationReason: why })
  if (by !== 'patient') return changeAppointment(request, id, edit)
  try {
    return await changeAppointment(request, id, (current) => answered(edit(current), 'Patient', 'declined'))
  } catch (error) {
    if (!(error instanceof GatewayError && error.code === 'GW_NOT_STORABLE')) throw error
    return changeAppointment(request, id, edit)
  }
}
