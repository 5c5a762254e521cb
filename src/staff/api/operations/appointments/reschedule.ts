/** Another time for an appointment, or another practitioner: the new place must be free, the old one is then. */
import type { Appointment } from '@medplum/fhirtypes'
import { MINUTE, instantText } from '../../clinic-time.ts'
import type { ApiOperation } from '../../operation.ts'
import { matchesOf } from '../waitlist/matches.ts'
import { answerOf } from './answer.ts'
import { assertThere, startOf } from './book.ts'
import { assertOpen, changeSeen } from './change.ts'
import type { Stored } from './change.ts'
import { takePlace } from './place.ts'
import { actorId, minutesOf, statusOf } from './view.ts'

interface Move {
  readonly start: string
  readonly minutes?: number
  readonly practitioner?: string
}

const USUAL = 30

export const rescheduleAppointment: ApiOperation = {
  async handle(request, parts) {
    const { records } = request
    const move = request.body as Move
    const before = await records.read('Appointment', request.path['id'] as string)
    assertOpen(before)
    const start = await startOf(request, parts, move.start)
    const end = start + (move.minutes ?? minutesOf(before) ?? USUAL) * MINUTE
    if (move.practitioner !== undefined) await assertThere(records, 'Practitioner', move.practitioner)
    const practitioner = move.practitioner ?? actorId(before, 'Practitioner')
    const place = practitioner === undefined ? undefined : { practitioner, start, end }
    const moved = await takePlace(records, place, (free) =>
      changeSeen(request, before, (current) => movedTo(current, { start, end, practitioner }), free),
    )
    const isFreed = statusOf(before) !== 'requested'
    return answerOf(request, moved, 200, { waitlist: isFreed ? await matchesOf(request, parts, before) : [] })
  },
  async again(request, [name = '']) {
    return answerOf(request, (await request.records.readVersion(name)) as Appointment)
  },
}

interface NewPlace {
  readonly start: number
  readonly end: number
  readonly practitioner: string | undefined
}

function movedTo(current: Stored, { start, end, practitioner }: NewPlace): Stored {
  const times = { start: instantText(start), end: instantText(end), minutesDuration: (end - start) / MINUTE }
  const moved = { ...current, ...times }
  return practitioner === undefined ? moved : withPractitioner(moved, practitioner)
}

function withPractitioner(current: Stored, id: string): Stored {
  if (actorId(current, 'Practitioner') === id) return current
  const others = current.participant?.filter(({ actor }) => !actor?.reference?.startsWith('Practitioner/')) ?? []
  const status = current.status === 'booked' ? ('accepted' as const) : ('needs-action' as const)
  return { ...current, participant: [...others, { actor: { reference: `Practitioner/${id}` }, status }] }
}
