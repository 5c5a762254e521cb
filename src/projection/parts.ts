/** Which resources each row gives, by id, before any content is made; and what the row leans on for them. */
import { MappingProblem } from '../mapping/errors.ts'
import type { Part } from '../mapping/lens.ts'
import { alsoGiven, reference } from './answers.ts'
import type { BatchRow, Problem } from './batch.ts'
import { addProblem } from './batch.ts'
import type { Joined } from './joins.ts'

export function makeParts(joined: readonly Joined[], base: string): void {
  for (const each of joined) {
    const { batchRow, lens } = each
    if (!batchRow.tenant) continue
    try {
      for (const part of lens.parts(each.rows, { base })) addPart(batchRow, part)
    } catch (error) {
      batchRow.failed.add(lens.name)
      addProblem(batchRow, problemOf(error, lens.name))
    }
  }
}

function addPart(batchRow: BatchRow, part: Part): void {
  for (const target of part.lens.references(part)) batchRow.deps.add(reference(resourceId(batchRow, target)))
  if (part.lens.shared) batchRow.deps.add(alsoGiven(resourceId(batchRow, `${part.type}/${part.id}`)))
  batchRow.parts.push(part)
}

/** `_id` in `resources` of a `Type/id` of the row's tenant. */
export function resourceId({ tenant }: BatchRow, reference: string): string {
  return `${tenant?.slug ?? ''}/${reference}`
}

export function partId(batchRow: BatchRow, { type, id }: Part): string {
  return resourceId(batchRow, `${type}/${id}`)
}

/** In words that hold no stored value: an unexpected error is named by its kind only. */
export function problemOf(error: unknown, mapping: string): Problem {
  if (error instanceof MappingProblem) return { mapping: error.mapping, rule: error.rule, reason: error.message }
  const kind = error instanceof Error ? error.name : typeof error
  return { mapping, rule: '', reason: `the mapping failed with ${kind}` }
}
