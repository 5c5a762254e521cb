/** The waitlist: who is on it, who is put on it and taken off. */
import type { Appointment } from '@medplum/fhirtypes'
import { GatewayError } from '../../../../kernel/errors.ts'
import { MINUTE } from '../../clinic-time.ts'
import type { ApiAnswer, ApiOperation, ApiRequest } from '../../operation.ts'
import { ok } from '../../operation.ts'
import { namesIn } from '../../plain.ts'
import { versionOf } from '../../records.ts'
import type { Records } from '../../records.ts'
import { peopleOf } from '../appointments/answer.ts'
import { assertThere } from '../appointments/book.ts'
import type { Stored } from '../appointments/change.ts'
import { ALONG, OPEN, entryOf, entryView, readEntry } from './entry.ts'
import { matchesFor, matchesOf } from './matches.ts'

interface ListQuery {
  readonly patient?: string
  readonly practitioner?: string
  readonly limit?: number
  readonly cursor?: string
}

/** Who was put on it, or changed on it, the longest ago is first. */
export const listWaitlist: ApiOperation = {
  async handle({ query, records }) {
    const { patient, practitioner, limit = 20, cursor: after } = query as ListQuery
    const asked = [
      ...OPEN,
      ...(patient === undefined ? [] : [['patient', `Patient/${patient}`] as const]),
      ...(practitioner === undefined ? [] : [['practitioner', `Practitioner/${practitioner}`] as const]),
      ...[['_sort', '_lastUpdated'] as const, ['_count', String(limit)] as const],
      ...ALONG,
    ]
    const { found, included, cursor } = await records.search('Appointment', asked, after)
    const names = namesIn(included)
    const items = found.map((each) => entryView(entryOf(each, included), names))
    return ok({ items, ...(cursor !== undefined && { cursor }) })
  },
}

interface Wish {
  readonly patient: string
  readonly practitioner?: string
  readonly days?: readonly string[]
  readonly notes?: string
}

export const addToWaitlist: ApiOperation = {
  async handle({ body, records }) {
    const wish = body as Wish
    await assertThere(records, 'Patient', wish.patient)
    if (wish.practitioner !== undefined) await assertThere(records, 'Practitioner', wish.practitioner)
    return entryAnswer(records, await records.create<'Appointment'>(wished(wish)).catch(withoutList), 201)
  },
  async again({ records }, [name = '']) {
    return entryAnswer(records, (await records.readVersion(name)) as Stored, 201)
  },
}

/** The entry lives where the patient's record does. */
function withoutList(error: unknown): never {
  if (!(error instanceof GatewayError) || error.code !== 'GW_NOT_STORABLE') throw error
  const sentence = 'The system of this patient keeps no waitlist: book a free time (POST /api/appointments) instead.'
  throw new GatewayError('GW_NOT_STORABLE', sentence, { cause: error, expression: 'body.patient' })
}

function wished({ patient, practitioner, days = [], notes }: Wish): Appointment {
  return {
    resourceType: 'Appointment',
    status: 'waitlist',
    ...(notes !== undefined && { comment: notes }),
    ...(days.length > 0 && { requestedPeriod: days.map((day) => ({ start: day, end: day })) }),
    participant: [
      { actor: { reference: `Patient/${patient}` }, status: 'accepted' },
      ...(practitioner === undefined
        ? []
        : [{ actor: { reference: `Practitioner/${practitioner}` }, status: 'needs-action' as const }]),
    ],
  }
}

async function entryAnswer(records: Records, resource: Stored, status = 200): Promise<ApiAnswer> {
  const names = namesIn(await peopleOf(records, resource))
  const body = entryView(entryOf(resource, []), names)
  return { status, body, headers: { ETag: `W/"${versionOf(resource)}"` } }
}

export const removeFromWaitlist: ApiOperation = {
  async handle({ path, records, version }) {
    const { resource, status } = await readEntry(records, path['id'] as string)
    if (status === 'offered') {
      throw new GatewayError('GW_CONFLICT', 'A time is offered to the patient: accept or decline the offer first.')
    }
    const removed = (current: Stored): Stored => ({ ...current, status: 'cancelled' })
    const isThere = status !== 'removed'
    return entryAnswer(
      records,
      isThere ? await records.change<'Appointment'>('Appointment', resource.id, removed, { version }) : resource,
    )
  },
}

/** For an appointment that is called off, or for a time that is free anyhow. */
export const findWaitlistMatches: ApiOperation = {
  async handle(request, parts) {
    const { appointment, practitioner, start, minutes } = request.query as {
      readonly [name in 'appointment' | 'practitioner' | 'start']?: string
    } & { readonly minutes?: number }
    if (appointment !== undefined) return ok({ items: await ofAppointment(request, parts, appointment) })
    if (practitioner === undefined || start === undefined) {
      throw new GatewayError('GW_BAD_REQUEST', 'Name an appointment, or a practitioner and a start.', {
        expression: 'query.appointment',
      })
    }
    const from = Date.parse(start)
    const place = { practitioner, start: from, end: from + (minutes ?? 30) * MINUTE }
    return ok({ items: await matchesFor(request, parts, place) })
  },
}

async function ofAppointment(
  request: ApiRequest,
  parts: Parameters<ApiOperation['handle']>[1],
  id: string,
): ReturnType<typeof matchesOf> {
  return matchesOf(request, parts, await request.records.read('Appointment', id))
}
