/**
 * Rows of a source that are messages themselves: sent when they are due, by the way they name, and told in the row what
 * became of it. A row whose time was long over when the gateway first saw it stays as it is.
 */
import type { Communication, Patient } from '@medplum/fhirtypes'
import { everythingOf } from '../../access/permit.ts'
import { tokenKey } from '../../r4/keys/text.ts'
import { firstSeen } from '../../store/mapped-rows.ts'
import type { Owing } from '../../store/owed.ts'
import { NOT_WANTED } from '../../store/owed.ts'
import type { PlainResource } from '../../store/plain-reads.ts'
import { readPlain } from '../../store/plain-reads.ts'
import type { KindParts, Outgoing, PlannedKind } from './kind.ts'
import { LATE, NO_PATIENT } from './kind.ts'
import type { JobRow } from './row-columns.ts'
import { countIn, jobRows, momentIn, momentOf, rowChange, textIn } from './row-columns.ts'

const JOB = 'notifications'

type Note = JobRow<typeof JOB>

export function sourceNotifications(parts: KindParts): PlannedKind {
  return {
    name: JOB,
    job: JOB,
    type: 'Communication',
    filter: () => ({ deleted: false, k: tokenKey('status', undefined, 'preparation') }),
    async owing(_tenant, resources) {
      const open = await openOnes(parts, resources)
      const seen = await firstSeen(
        parts.store,
        open.map(({ resource }) => resource._id),
      )
      return open.flatMap((each) => owingOf(each, seen.get(each.resource._id) ?? new Date()) ?? [])
    },
    async outgoing(owed) {
      const permit = everythingOf(owed.t)
      const [note] = await openOnes(parts, await readPlain(parts.store, permit, [owed.about]))
      const due = note && momentOf(note, [note.job.due])
      if (!note || due === undefined || owed.which !== new Date(due).toISOString()) return NOT_WANTED
      return messageOf(parts, note)
    },
  }
}

async function messageOf(parts: KindParts, note: Note): Promise<Outgoing | string> {
  const { body, t } = note.resource
  const { recipient = [], topic, payload = [] } = JSON.parse(body) as Communication
  const [person] = await readPlain(parts.store, everythingOf(t), [`${t}/${recipient[0]?.reference ?? ''}`])
  if (!person || person.deleted) return NO_PATIENT
  return {
    recipient: JSON.parse(person.body) as Patient,
    template: 'source-notification',
    facts: { title: topic?.text ?? '', text: payload[0]?.contentString ?? '' },
    ...wayOf(note),
    isRow: true,
    about: [],
    changes: (result, at, reason) => [told(note, result, at, reason)],
  }
}

/** None that is known: whichever leads to the person. */
function wayOf({ row, job }: Note): Pick<Outgoing, 'way'> {
  const way = job.ways[textIn(row, job.channel)]
  return way === undefined ? {} : { way }
}

/** Those with a time, not sent and not given up. */
async function openOnes(parts: KindParts, resources: readonly PlainResource[]): Promise<Note[]> {
  const rows = await jobRows(parts, JOB, resources)
  return rows.filter(({ row, job }) => textIn(row, job.sent) === '' && textIn(row, job.error) === '')
}

function owingOf(note: Note, seen: Date): Owing | undefined {
  const { _id, t, origin } = note.resource
  const due = momentOf(note, [note.job.due])
  if (due === undefined) return undefined
  const own = { t, kind: JOB, about: _id, which: new Date(due).toISOString(), instance: origin?.instance ?? '' }
  return { ...own, due: new Date(due), ...(seen.getTime() - due > LATE && { late: true }) }
}

function told(note: Note, result: Parameters<Outgoing['changes']>[0], at: Date, reason: string) {
  const { place, job } = note
  return rowChange(note, (now) => {
    if (result === 'sent') return { [job.sent]: momentIn(place, now[job.sent], at) }
    const tries = { [job.retries]: countIn(now[job.retries], (Number(textIn(now, job.retries)) || 0) + 1) }
    return result === 'failed' ? { ...tries, [job.error]: reason } : tries
  })
}
