/**
 * What a write brings about in rows that it leaves so, as their mapping says (`follows`): the row on a waitlist is fulfilled
 * when the appointment it points at is booked, whichever API books it. It is one commit with the write, and asks for no
 * rights of its own. Where a program of the source itself does the booking, that program sees to its rows.
 */
import type { RowRef } from '../store/row-id.ts'
import type { BatchRow } from './batch.ts'
import type { Projection } from './project.ts'
import { applyRowWrites, changedRows, markedRows } from './row-writes.ts'
import type { WriteScope } from './write-scope.ts'
import { ownRows } from './write-scope.ts'

/** Gives the rows that are others now: what was projected of them is to be projected again. */
export async function applyConsequences(scope: WriteScope, { batch }: Projection): Promise<RowRef[]> {
  const changed: RowRef[] = []
  for (const row of batch) {
    if (row.tenant?.slug === scope.permit.tenant && (await applyTo(scope, row))) changed.push(row.ref)
  }
  return changed
}

async function applyTo(scope: WriteScope, row: BatchRow): Promise<boolean> {
  for (const part of row.parts) {
    const consequence = part.lens.writes.follows.find(({ holds }) => holds(part.rows))
    if (!consequence || !row.plan || part.gone) continue
    const { source } = row.plan
    const own = ownRows(row, part)
    const writes = changedRows(own, markedRows(scope, source, own, consequence.columns))
    await applyRowWrites(scope, source, part.lens, writes)
    return true
  }
  return false
}
