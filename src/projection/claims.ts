/**
 * Which row gives which resource. One row holds a resource at a time; a second row with the same key is a problem, and is
 * tried again when the first one goes. Only mappings that say so (`shared`) may give one resource from several rows: the
 * rules then read the same from each.
 */
import type { Part } from '../mapping/lens.ts'
import type { ResourceState } from '../store/projected.ts'
import { alsoGiven } from './answers.ts'
import type { BatchRow } from './batch.ts'
import { addProblem } from './batch.ts'
import { partId } from './parts.ts'

export interface Claim {
  readonly id: string
  readonly part: Part
  readonly holder: BatchRow
  /** all rows of the batch that give it, the holder too */
  readonly givers: BatchRow[]
}

export type Claims = ReadonlyMap<string, Claim>

export function claimResources(batch: readonly BatchRow[], states: ReadonlyMap<string, ResourceState>): Claims {
  const inBatch = new Set(batch.map(({ id }) => id))
  const all = batch.flatMap((row) => row.parts.map((part) => ({ id: partId(row, part), part, row })))
  // A row keeps what it holds: it comes first, whatever the order of ids
  const isHolder = ({ id, row }: (typeof all)[number]): boolean => states.get(id)?.row === row.id
  const claims = new Map<string, Claim>()
  for (const { id, part, row } of [...all.filter(isHolder), ...all.filter((each) => !isHolder(each))]) {
    const claim = claims.get(id)
    if (claim ? claim.holder === row || part.lens.shared : !isHeldElsewhere(id, part, inBatch, states)) {
      if (claim) addGiver(claim, row)
      else claims.set(id, { id, part, holder: row, givers: [row] })
    } else {
      row.deps.add(alsoGiven(id))
      addProblem(row, { mapping: part.lens.name, rule: 'key', reason: 'another row has the same key' })
    }
  }
  return claims
}

function addGiver({ givers }: Claim, row: BatchRow): void {
  if (!givers.includes(row)) givers.push(row)
}

function isHeldElsewhere(
  id: string,
  { lens }: Part,
  inBatch: ReadonlySet<string>,
  states: ReadonlyMap<string, ResourceState>,
): boolean {
  const state = states.get(id)
  return !lens.shared && state?.row !== undefined && !state.deleted && !inBatch.has(state.row)
}
