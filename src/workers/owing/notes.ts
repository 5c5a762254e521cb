/** Rows of a source that are messages themselves (`notifications`): which are open, and what is told in them. */
import type { Communication } from '@medplum/fhirtypes'
import type { RowChange } from '../../projection/operation.ts'
import type { PlainResource } from '../../store/plain-reads.ts'
import type { KindParts, Outgoing } from './kind.ts'
import type { JobRow } from './row-columns.ts'
import { countIn, jobRows, momentIn, rowChange, textIn } from './row-columns.ts'

export const NOTES = 'notifications'

export type Note = JobRow<typeof NOTES>

/** Those that are not sent and not given up. */
export async function openNotes(parts: KindParts, resources: readonly PlainResource[]): Promise<Note[]> {
  const rows = await jobRows(parts, NOTES, resources)
  return rows.filter(({ row, job }) => textIn(row, job.sent) === '' && textIn(row, job.error) === '')
}

/** It is not urgent: sent with others, once a day. What is shown by the app anyhow waits for nothing. */
export function isForDigest(note: Note): boolean {
  const { row, job } = note
  const isLow = job.priority !== undefined && job.digest?.includes(textIn(row, job.priority)) === true
  return isLow && wayOf(note).way !== 'app'
}

/** None that is known: whichever leads to the person. */
export function wayOf({ row, job }: Note): Pick<Outgoing, 'way'> {
  const way = job.ways[textIn(row, job.channel)]
  return way === undefined ? {} : { way }
}

/** Title and text. */
export function wordsOf({ resource }: Note): { readonly title: string; readonly text: string } {
  const { topic, payload = [] } = JSON.parse(resource.body) as Communication
  return { title: topic?.text ?? '', text: payload[0]?.contentString ?? '' }
}

/** `Patient/<id>` */
export function recipientOf({ body }: Pick<PlainResource, 'body'>): string {
  return (JSON.parse(body) as Communication).recipient?.[0]?.reference ?? ''
}

export function told(note: Note, result: Parameters<Outgoing['changes']>[0], at: Date, reason: string): RowChange {
  const { place, job } = note
  return rowChange(note, (now) => {
    if (result === 'sent') return { [job.sent]: momentIn(place, now[job.sent], at) }
    const tries = { [job.retries]: countIn(now[job.retries], (Number(textIn(now, job.retries)) || 0) + 1) }
    return result === 'failed' ? { ...tries, [job.error]: reason } : tries
  })
}
