/**
 * Messages of a source that are not urgent: all that somebody is to be sent by one way goes out together, once a day at an
 * hour that the clinic chose.
 */
import type { Patient } from '@medplum/fhirtypes'
import { everythingOf } from '../../access/permit.ts'
import { tokenKey, uriKey } from '../../r4/keys/text.ts'
import { firstSeen } from '../../store/mapped-rows.ts'
import type { OwedDocument, Owing } from '../../store/owed.ts'
import { NOT_WANTED } from '../../store/owed.ts'
import { findPlain, plainReader } from '../../store/plain-reads.ts'
import { nextAt } from './due-moments.ts'
import type { Clinic, KindParts, Outgoing, PlannedKind } from './kind.ts'
import { LATE, NO_PATIENT, clinicOf } from './kind.ts'
import type { Note } from './notes.ts'
import { NOTES, isForDigest, openNotes, recipientOf, told, wayOf, wordsOf } from './notes.ts'
import { momentOf } from './row-columns.ts'

const KIND = 'digests'
/** The others are in the next one. */
const MOST = 50
const OPEN = tokenKey('status', undefined, 'preparation')

export function digests(parts: KindParts): PlannedKind {
  const read = plainReader(parts.store)
  return {
    name: KIND,
    job: NOTES,
    type: 'Communication',
    adds: true,
    filter: () => ({ deleted: false, k: OPEN }),
    async owing(tenant, resources) {
      const clinic = await clinicOf(parts, tenant)
      const notes = await timedNotes(parts, await openNotes(parts, resources))
      return notes.map((each) => owingOf(each, clinic))
    },
    async outgoing(owed, now) {
      const { t, about } = owed
      const { digestAt, timeZone } = await clinicOf(parts, t)
      if (nextAt(owed.due.getTime(), digestAt, timeZone) !== owed.due.getTime()) return NOT_WANTED
      const waiting = await waitingFor(parts, owed, now)
      if (waiting.length === 0) return NOT_WANTED
      const person = await read(about)
      if (!person || person.deleted) return NO_PATIENT
      return { recipient: JSON.parse(person.body) as Patient, ...digestOf(waiting) }
    },
  }
}

function digestOf(notes: readonly Note[]): Omit<Outgoing, 'recipient'> {
  const words = notes.map(wordsOf)
  const items = words.map(({ title, text }) => [title, text].filter((each) => each !== '').join(': '))
  return {
    template: 'digest',
    facts: { count: notes.length, items },
    ...(notes[0] && wayOf(notes[0])),
    isRow: true,
    about: [],
    changes: (result, at, reason) => notes.map((note) => told(note, result, at, reason)),
  }
}

interface Timed {
  readonly note: Note
  readonly due: number
  readonly isLate: boolean
}

async function timedNotes({ store }: KindParts, notes: readonly Note[]): Promise<Timed[]> {
  const own = notes.filter(isForDigest)
  const seen = await firstSeen(
    store,
    own.map(({ resource }) => resource._id),
  )
  return own.flatMap((note) => {
    const due = momentOf(note, [note.job.due])
    if (due === undefined) return []
    return [{ note, due, isLate: (seen.get(note.resource._id)?.getTime() ?? due) - due > LATE }]
  })
}

function owingOf({ note, due, isLate }: Timed, { digestAt, timeZone }: Clinic): Owing {
  const { resource } = note
  const { t, origin } = resource
  const own = { t, kind: KIND, ...(origin && { instance: origin.instance }) }
  if (isLate) return { ...own, about: resource._id, which: 'late', due: new Date(due), late: true }
  const at = new Date(nextAt(Math.max(due, Date.now()), digestAt, timeZone))
  return { ...own, about: `${t}/${recipientOf(resource)}`, which: whichOf(at, note), due: at }
}

function whichOf(at: Date, note: Note): string {
  return `${at.toISOString()} ${wayOf(note).way ?? ''}`
}

/** What is due of the person by the way of the digest. */
async function waitingFor(parts: KindParts, { t, about, which, due }: OwedDocument, now: Date): Promise<Note[]> {
  const filter = { k: { $all: [OPEN, uriKey('recipient', about.slice(t.length + 1))] } }
  const open = await openNotes(parts, await findPlain(parts.store, everythingOf(t), 'Communication', filter, MOST))
  const timed = await timedNotes(parts, open)
  const own = timed.filter((each) => !each.isLate && each.due <= now.getTime() && whichOf(due, each.note) === which)
  return own.map(({ note }) => note)
}
