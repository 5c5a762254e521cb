/**
 * When a patient is reminded of an appointment: so many minutes before its start, and earlier where that falls into the
 * clinic's quiet hours. Quiet hours are what a clock on its wall shows, so a change of the clocks moves them along.
 */
import { instantToWall, wallToInstant } from '../../mapping/codecs/time-zone.ts'
import type { ReminderSettings } from '../../store/clinic-settings.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

export interface DueMoment {
  readonly minutes: number
  readonly at: number
}

/** Nothing of it is in the past, and of two that fall on one moment the one that is closer to the start stays. */
export function dueMoments(
  start: number,
  { enabled, minutesBefore, quietHours }: ReminderSettings,
  zone: string,
  now: number,
): DueMoment[] {
  if (!enabled) return []
  const moments = new Map<number, DueMoment>()
  for (const minutes of [...new Set(minutesBefore)].sort((a, b) => b - a)) {
    const wished = start - minutes * MINUTE
    const at = quietHours ? beforeQuiet(wished, quietHours, zone) : wished
    if (at > now && at < start) moments.set(at, { minutes, at })
  }
  return [...moments.values()]
}

type Quiet = NonNullable<ReminderSettings['quietHours']>

/** The moment itself, or the last minute before the quiet hours that it falls into. */
function beforeQuiet(moment: number, quiet: Quiet, zone: string): number {
  if (!isQuiet(moment, quiet, zone)) return moment
  const wall = instantToWall(zone, moment)
  const begins = wall - (wall % DAY) + minutesOf(quiet.from) * MINUTE
  let at = wallToInstant(zone, (begins > wall ? begins - DAY : begins) - MINUTE)
  // That minute may be one that the clocks skip
  while (at > moment || isQuiet(at, quiet, zone)) at -= MINUTE
  return at
}

/** For what has no time of its own to be there by: the moment itself, or the first minute after the quiet hours. */
export function afterQuiet(moment: number, quiet: Quiet | undefined, zone: string): number {
  if (!quiet || !isQuiet(moment, quiet, zone)) return moment
  const wall = instantToWall(zone, moment)
  const ends = wall - (wall % DAY) + minutesOf(quiet.to) * MINUTE
  let at = wallToInstant(zone, ends <= wall ? ends + DAY : ends)
  while (at < moment || isQuiet(at, quiet, zone)) at += MINUTE
  return at
}

/** The next moment, or this one, at which the clock on the wall shows so. */
export function nextAt(moment: number, time: string, zone: string): number {
  const wall = instantToWall(zone, moment)
  const today = wall - (wall % DAY) + minutesOf(time) * MINUTE
  const at = wallToInstant(zone, today)
  return at >= moment ? at : wallToInstant(zone, today + DAY)
}

/** From `from` on, until before `to`; over midnight where `to` comes first. */
export function isQuiet(moment: number, { from, to }: Quiet, zone: string): boolean {
  const wall = instantToWall(zone, moment)
  const time = ((wall % DAY) + DAY) % DAY
  const [begins, ends] = [minutesOf(from) * MINUTE, minutesOf(to) * MINUTE]
  return begins < ends ? time >= begins && time < ends : time >= begins || time < ends
}

function minutesOf(text: string): number {
  const [hours = '0', minutes = '0'] = text.split(':')
  return Number(hours) * 60 + Number(minutes)
}
