/**
 * An offer to somebody who waits: an appointment that is asked for, which the entry points at, and a message to the patient
 * that is still to be sent. All three are one commit. It holds no place: who accepts takes it, if it is still free.
 */
import type { Appointment, Bundle, Communication } from '@medplum/fhirtypes'
import { randomUUID } from 'node:crypto'
import { GatewayError } from '../../../../kernel/errors.ts'
import { MINUTE, instantText } from '../../clinic-time.ts'
import type { ApiAnswer, ApiOperation, ApiRequest } from '../../operation.ts'
import type { ApiParts } from '../../parts.ts'
import { namesIn } from '../../plain.ts'
import { isOvertaken, versionOf } from '../../records.ts'
import type { Records } from '../../records.ts'
import { answerOf } from '../appointments/answer.ts'
import { assertThere, startOf } from '../appointments/book.ts'
import { changeSeen } from '../appointments/change.ts'
import type { Stored } from '../appointments/change.ts'
import type { Place } from '../appointments/place.ts'
import { takenBy, takenError } from '../appointments/place.ts'
import { confirm } from '../appointments/steps.ts'
import { actorId, statusOf } from '../appointments/view.ts'
import type { Entry } from './entry.ts'
import { entryView, pointingAt, readEntry } from './entry.ts'
import { matchesOf } from './matches.ts'

type Offer =
  { readonly appointment: string } | { readonly practitioner: string; readonly start: string; readonly minutes: number }

const OVERTAKEN = 'The entry was changed at this moment: look at it again, it may have an offer by now.'

export const offerToWaiting: ApiOperation = {
  async handle(request, parts) {
    const { records } = request
    const id = request.path['id'] as string
    const entry = await readEntry(records, id)
    assertStatus(entry, 'waiting')
    const place = await placeOf(request, parts, request.body as Offer)
    if ((await takenBy(records, place)).length > 0) throw await takenError(records, place)
    try {
      await records.ask('POST', [], [], offered(entry.resource, place, parts))
    } catch (error) {
      throw isOvertaken(error) ? new GatewayError('GW_CONFLICT', OVERTAKEN, { cause: error }) : error
    }
    return entryAnswer(records, id, 201)
  },
  async again({ records, path }) {
    return entryAnswer(records, path['id'] as string, 201)
  },
}

/** The time of an appointment that is called off, or any other. */
async function placeOf(request: ApiRequest, parts: ApiParts, offer: Offer): Promise<Place> {
  if ('appointment' in offer) return freedPlace(await request.records.read('Appointment', offer.appointment))
  await assertThere(request.records, 'Practitioner', offer.practitioner)
  const start = await startOf(request, parts, offer.start)
  return { practitioner: offer.practitioner, start, end: start + offer.minutes * MINUTE }
}

function freedPlace(freed: Appointment): Place {
  const practitioner = actorId(freed, 'Practitioner')
  const { start, end } = freed
  if (statusOf(freed) !== 'cancelled') throw new GatewayError('GW_CONFLICT', 'This appointment is not cancelled.')
  if (practitioner === undefined || start === undefined || end === undefined || Date.parse(start) <= Date.now()) {
    throw new GatewayError('GW_CONFLICT', 'This appointment leaves no time that could be offered.')
  }
  return { practitioner, start: Date.parse(start), end: Date.parse(end) }
}

/** All of it is one commit. */
export function offered(entry: Stored, { practitioner, start, end }: Place, parts: Pick<ApiParts, 'base'>): Bundle {
  const patient = { reference: `Patient/${actorId(entry, 'Patient')}` }
  const name = `urn:uuid:${randomUUID()}`
  const appointment: Appointment = {
    resourceType: 'Appointment',
    status: 'proposed',
    comment: 'Offered from the waitlist',
    start: instantText(start),
    end: instantText(end),
    participant: [
      { actor: patient, status: 'needs-action' },
      { actor: { reference: `Practitioner/${practitioner}` }, status: 'needs-action' },
    ],
  }
  // Without a subject: it is told to a person, and is no part of a course of care
  const message: Communication = {
    resourceType: 'Communication',
    status: 'preparation',
    category: [{ text: 'waitlist-offer' }],
    recipient: [patient],
    about: [{ reference: name }],
  }
  const entryUrl = `Appointment/${entry.id}`
  const ifMatch = `W/"${versionOf(entry)}"`
  return {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [
      { fullUrl: name, resource: appointment, request: { method: 'POST', url: 'Appointment' } },
      { resource: pointingAt(entry, name, parts), request: { method: 'PUT', url: entryUrl, ifMatch } },
      { resource: message, request: { method: 'POST', url: 'Communication' } },
    ],
  }
}

/** Whoever comes first has it; the others are told that it is taken. */
export const acceptOffer: ApiOperation = {
  async handle(request) {
    const entry = await readEntry(request.records, request.path['id'] as string)
    return answerOf(request, await confirm(request, offerIn(entry)))
  },
  async again(request, [name = '']) {
    return answerOf(request, (await request.records.readVersion(name)) as Appointment)
  },
}

/** The offer is called off, the patient waits on; and who is next. */
export const declineOffer: ApiOperation = {
  async handle(request, parts) {
    const entry = await readEntry(request.records, request.path['id'] as string)
    const declined = await changeSeen(request, offerIn(entry), (current) => ({ ...current, status: 'cancelled' }))
    return declinedAnswer(request, parts, declined)
  },
  async again(request, [name = ''], parts) {
    return declinedAnswer(request, parts, (await request.records.readVersion(name)) as Appointment)
  },
}

async function declinedAnswer(request: ApiRequest, parts: ApiParts, declined: Appointment): Promise<ApiAnswer> {
  const answer = await entryAnswer(request.records, request.path['id'] as string)
  return { ...answer, body: { ...answer.body, next: await matchesOf(request, parts, declined) } }
}

function offerIn(entry: Entry): Stored {
  assertStatus(entry, 'offered')
  return entry.matched as Stored
}

function assertStatus({ status }: Entry, wanted: 'waiting' | 'offered'): void {
  if (status === wanted) return
  const what = wanted === 'offered' ? 'There is no offer to answer' : 'Nothing can be offered'
  throw new GatewayError('GW_CONFLICT', `${what}: the entry is ${status}, not ${wanted}.`)
}

async function entryAnswer(records: Records, id: string, status = 200): Promise<ApiAnswer> {
  const entry = await readEntry(records, id)
  return { status, body: entryView(entry, namesIn(entry.along)), headers: { ETag: `W/"${versionOf(entry.resource)}"` } }
}
