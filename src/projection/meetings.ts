/** Where two projections stand in each other's way that were read at the same time and are written one after the other. */
import { reference } from './answers.ts'
import { hasChanged } from './batch.ts'
import { partId } from './parts.ts'
import type { Projection } from './project.ts'

export interface Meetings {
  /** what its rows lean on, and what those answer to that changed (answers.ts) */
  readonly leans: ReadonlySet<string>
  readonly answers: ReadonlySet<string>
}

export function meetingsOf({ batch, changes }: Projection): Meetings {
  const leans = new Set<string>()
  const answers = new Set<string>()
  for (const row of batch) {
    for (const dep of row.deps) leans.add(dep)
    if (hasChanged(row)) for (const answer of [...(row.before?.answers ?? []), ...row.answers]) answers.add(answer)
  }
  for (const { document, replaces } of changes.resources) {
    if (replaces === 0 || document.deleted) answers.add(reference(document._id))
  }
  return { leans, answers }
}

export interface Footprint extends Meetings {
  /** rows that were looked at, and resources they give or gave */
  readonly documents: ReadonlySet<string>
  /** it changed more than can be told by what others lean on */
  readonly isWide: boolean
}

export function footprintOf(projection: Projection): Footprint {
  const documents = new Set<string>()
  for (const row of projection.batch) {
    documents.add(row.id)
    for (const id of row.before?.resources ?? []) documents.add(id)
    for (const part of row.parts) documents.add(partId(row, part))
  }
  const { tenants, goneTenants, pending } = projection.changes
  const isWide = tenants.length + goneTenants.length + pending.length > 0
  return { ...meetingsOf(projection), documents, isWide }
}

/** May the second, which has not seen what the first wrote, be written as it is? */
export function areApart(first: Footprint, second: Footprint): boolean {
  return (
    !first.isWide &&
    first.documents.isDisjointFrom(second.documents) &&
    first.answers.isDisjointFrom(second.leans) &&
    first.leans.isDisjointFrom(second.answers)
  )
}
