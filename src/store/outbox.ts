/** The outbox: one row a commit of FHIR writes, in its transaction, so that nothing that must follow is forgotten. */
import { ObjectId } from 'mongodb'
import type { Permit } from '../access/permit.ts'
import type { OutboxDocument } from './documents.ts'

export interface OutboxChange {
  readonly _id: string
  readonly v: number
  readonly outcome: 'created' | 'updated' | 'same' | 'deleted' | 'found' | 'absent'
}

const METHODS = { created: 'POST', updated: 'PUT', deleted: 'DELETE' } as const

/** Undefined when nothing follows. */
export function outboxRow(
  { permit, by, now }: { readonly permit: Permit; readonly by: string; readonly now: Date },
  written: readonly OutboxChange[],
): OutboxDocument | undefined {
  const changes = written.flatMap(({ _id, v, outcome }): OutboxDocument['changes'][number][] =>
    outcome in METHODS ? [{ id: _id, v, method: METHODS[outcome as keyof typeof METHODS] }] : [],
  )
  return changes.length === 0 ? undefined : { _id: new ObjectId(), t: permit.tenant, at: now, by, changes }
}
