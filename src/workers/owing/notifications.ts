/**
 * Rows of a source that are messages themselves: sent when they are due, by the way they name, and told in the row what
 * became of it. A row whose time was long over when the gateway first saw it stays as it is.
 */
import type { Patient } from '@medplum/fhirtypes'
import { tokenKey } from '../../r4/keys/text.ts'
import { firstSeen } from '../../store/mapped-rows.ts'
import type { Owing } from '../../store/owed.ts'
import { NOT_WANTED } from '../../store/owed.ts'
import type { PlainResource } from '../../store/plain-reads.ts'
import { plainReader } from '../../store/plain-reads.ts'
import type { KindParts, Outgoing, PlannedKind } from './kind.ts'
import { LATE, NO_PATIENT } from './kind.ts'
import type { Note } from './notes.ts'
import { NOTES, isForDigest, openNotes, recipientOf, told, wayOf, wordsOf } from './notes.ts'
import { momentOf } from './row-columns.ts'

export function sourceNotifications(parts: KindParts): PlannedKind {
  const read = plainReader(parts.store)
  return {
    name: NOTES,
    job: NOTES,
    type: 'Communication',
    filter: () => ({ deleted: false, k: tokenKey('status', undefined, 'preparation') }),
    async owing(_tenant, resources) {
      const open = (await openNotes(parts, resources)).filter((each) => !isForDigest(each))
      const seen = await firstSeen(
        parts.store,
        open.map(({ resource }) => resource._id),
      )
      return open.flatMap((each) => owingOf(each, seen.get(each.resource._id) ?? new Date()) ?? [])
    },
    async outgoing(owed) {
      const found = await read(owed.about)
      const [note] = await openNotes(parts, found ? [found] : [])
      const due = note && !isForDigest(note) ? momentOf(note, [note.job.due]) : undefined
      if (!note || due === undefined || owed.which !== new Date(due).toISOString()) return NOT_WANTED
      return messageOf(note, await read(`${owed.t}/${recipientOf(note.resource)}`))
    },
  }
}

function messageOf(note: Note, person: PlainResource | undefined): Outgoing | string {
  if (!person || person.deleted) return NO_PATIENT
  return {
    recipient: JSON.parse(person.body) as Patient,
    template: 'source-notification',
    facts: wordsOf(note),
    ...wayOf(note),
    isRow: true,
    about: [],
    changes: (result, at, reason) => [told(note, result, at, reason)],
  }
}

function owingOf(note: Note, seen: Date): Owing | undefined {
  const { _id, t, origin } = note.resource
  const due = momentOf(note, [note.job.due])
  if (due === undefined) return undefined
  const own = { t, kind: NOTES, about: _id, which: new Date(due).toISOString(), instance: origin?.instance ?? '' }
  return { ...own, due: new Date(due), ...(seen.getTime() - due > LATE && { late: true }) }
}
