/** That an appointment was booked, moved or called off: told once, outside of quiet hours, while it is so. */
import type { OwedDocument, Owing } from '../../store/owed.ts'
import { NOT_WANTED } from '../../store/owed.ts'
import { appointmentIn, appointmentLetters, heldStart } from './appointment-letter.ts'
import { afterQuiet } from './due-moments.ts'
import type { Happened } from './happened.ts'
import { happenedOf, newsOf } from './happened.ts'
import type { Clinic, KindParts, NewsKind } from './kind.ts'
import { clinicOf, isOn } from './kind.ts'

const JOB = 'appointment-changes'
const HOUR = 3_600_000

export function appointmentChanges(parts: KindParts): NewsKind {
  const letterOf = appointmentLetters(parts, JOB)
  return {
    name: JOB,
    job: JOB,
    type: 'Appointment',
    async news(tenant, changes, session) {
      const news = await newsOf(parts, JOB, { tenant, changes }, session)
      if (news.length === 0) return []
      const clinic = await clinicOf(parts, tenant)
      return news.flatMap((each) => owingOf(each, clinic, Date.now()))
    },
    async outgoing(owed, now) {
      const [happened] = await happenedOf(parts.store, owed.t, [changeIn(owed)])
      const what = happened && whatOf(happened)
      if (!what || !isOn(parts.plan(), happened.resource, JOB) || !isStillSo(happened)) return NOT_WANTED
      if (what.start <= now.getTime()) return 'the appointment is over'
      const told = await letterOf(happened.resource)
      if (typeof told === 'string') return told
      const { facts, confidential, ...letter } = told.letter
      const before = what.before === undefined ? {} : { before: new Date(what.before).toISOString() }
      return {
        ...letter,
        template: `appointment-${what.word}`,
        facts: { ...facts, ...before },
        ...(what.word !== 'cancelled' && confidential && { confidential }),
        changes: () => [],
      }
    },
  }
}

interface What {
  readonly word: 'confirmed' | 'moved' | 'cancelled'
  readonly start: number
  /** the start it had */
  readonly before?: number
}

/** Undefined: nothing that the patient must know. */
function whatOf({ before, after }: Happened): What | undefined {
  const [was, start] = [before && heldStart(before), heldStart(after)]
  if (was === undefined) return start === undefined || !isBooked(after) ? undefined : { word: 'confirmed', start }
  if (start !== undefined) return start === was ? undefined : { word: 'moved', start, before: was }
  return appointmentIn(after).status === 'cancelled' ? { word: 'cancelled', start: was } : undefined
}

/** `pending` is a word of the source that nobody knows. */
function isBooked(version: { readonly body: string }): boolean {
  return appointmentIn(version).status === 'booked'
}

function owingOf(happened: Happened, { reminders, timeZone }: Clinic, now: number): Owing[] {
  const what = whatOf(happened)
  if (!what || what.start <= now) return []
  const { _id, t, origin } = happened.resource
  const quietEnds = afterQuiet(now, reminders.quietHours, timeZone)
  // Better at night than not at all
  const due = quietEnds < what.start - HOUR ? quietEnds : now
  const own = { t, kind: JOB, about: _id, which: String(happened.after.v), due: new Date(due) }
  return [{ ...own, ...(origin && { instance: origin.instance }) }]
}

function changeIn({ about, which }: OwedDocument) {
  return { id: about, v: Number(which), method: 'PUT' as const }
}

/** Held as it was held then, at the same time; or not held, as then. */
function isStillSo({ resource, after }: Happened): boolean {
  return heldStart(resource) === heldStart(after)
}
