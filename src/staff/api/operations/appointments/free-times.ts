/**
 * When a practitioner is free on a day: the hours their roles say, without what is booked then. A source that knows only
 * when an appointment may begin gives those beginnings at which one of the length that is asked for fits.
 */
import type { PractitionerRole } from '@medplum/fhirtypes'
import { wallToInstant } from '../../../../mapping/codecs/time-zone.ts'
import { MINUTE, clinicZone, instantText, spanOfDays } from '../../clinic-time.ts'
import type { Span } from '../../clinic-time.ts'
import type { ApiOperation } from '../../operation.ts'
import { ok } from '../../operation.ts'
import { extensionOf, idIn } from '../../plain.ts'
import type { Records } from '../../records.ts'
import { busyIn } from './place.ts'
import { without } from './spans.ts'

const USUAL_MINUTES = 30
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const

export const findFreeTimes: ApiOperation = {
  async handle({ records, tenant, query, path: { id = '' } }, parts) {
    const { day, minutes = USUAL_MINUTES } = query as { readonly day: string; readonly minutes?: number }
    await records.read('Practitioner', id)
    const timeZone = await clinicZone(parts, tenant)
    const wall = { day, zone: timeZone }
    const roles = await rolesOf(records, id)
    const span = spanOfDays(timeZone, day)
    const taken = [
      ...(await busyIn(records, id, span)),
      ...roles.flatMap(awayIn),
      // What is over is not free any more
      { from: span.from, to: Math.ceil(Date.now() / MINUTE) * MINUTE },
    ]
    const hours = roles.flatMap((role) => hoursOn(wall, role))
    const starts = roles.flatMap((role) => startsOn(wall, role)).map((from) => ({ from, to: from + minutes * MINUTE }))
    const open = without(hours, taken).filter(({ from, to }) => to - from >= minutes * MINUTE)
    const fitting = starts.filter((each) => taken.every(({ from, to }) => to <= each.from || from >= each.to))
    const items = [...open, ...fitting].toSorted((a, b) => a.from - b.from)
    return ok({
      ...{ day, timeZone, minutes, hours: isTold(roles) ? 'told' : 'unknown' },
      items: items.map(({ from, to }) => ({ start: instantText(from), end: instantText(to) })),
    })
  },
}

async function rolesOf(records: Records, id: string): Promise<PractitionerRole[]> {
  const { found } = await records.search('PractitionerRole', [
    ['practitioner', `Practitioner/${id}`],
    ['_count', '100'],
    ['_total', 'none'],
  ])
  return found.filter(({ practitioner, active }) => idIn(practitioner) === id && active !== false)
}

/** Times of a wall clock. */
interface Wall {
  readonly day: string
  readonly zone: string
}

function weekdayOf({ day }: Wall): (typeof WEEKDAYS)[number] {
  return WEEKDAYS[new Date(`${day}T00:00:00Z`).getUTCDay()] ?? 'sun'
}

function at({ day, zone }: Wall, time: string): number {
  return wallToInstant(zone, Date.parse(`${day}T${time}Z`))
}

function hoursOn(wall: Wall, { availableTime = [] }: PractitionerRole): Span[] {
  const today = availableTime.filter(({ daysOfWeek = [...WEEKDAYS] }) => daysOfWeek.includes(weekdayOf(wall)))
  return today.flatMap(({ allDay, availableStartTime: from, availableEndTime: to }) => {
    if (allDay) return spanOfDays(wall.zone, wall.day)
    return from === undefined || to === undefined ? [] : { from: at(wall, from), to: at(wall, to) }
  })
}

/** `mon 10:00` */
function startsOn(wall: Wall, role: PractitionerRole): number[] {
  return slotsIn(role).flatMap((slot) => {
    const [, weekday, time] = /^(\w{3}) (\d\d:\d\d)$/.exec(slot) ?? []
    return weekday === weekdayOf(wall) && time !== undefined ? at(wall, `${time}:00`) : []
  })
}

function slotsIn(role: PractitionerRole): string[] {
  const slots = extensionOf(role, 'practitioner-available-slots')?.extension ?? []
  return slots.flatMap(({ valueString }) => valueString ?? [])
}

function awayIn({ notAvailable = [] }: PractitionerRole): Span[] {
  return notAvailable.flatMap(({ during }) => {
    const [from, to] = [Date.parse(during?.start ?? ''), Date.parse(during?.end ?? '')]
    return Number.isNaN(from) || Number.isNaN(to) ? [] : { from, to }
  })
}

function isTold(roles: readonly PractitionerRole[]): boolean {
  return roles.some((role) => (role.availableTime ?? []).length > 0 || slotsIn(role).length > 0)
}
