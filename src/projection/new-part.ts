/** A sent resource in rows that are not stored yet: which part of theirs holds it. */
import type { Resource } from '@medplum/fhirtypes'
import { NotStorableError } from '../mapping/errors.ts'
import type { Lens, LensContext, Part, Rows } from '../mapping/lens.ts'
import type { BatchRow } from './batch.ts'
import { contextOf } from './write-scope.ts'
import type { WriteScope } from './write-scope.ts'

/** A split row takes the resource in the first of its parts that can hold it. */
export async function putFirst(
  scope: WriteScope,
  row: BatchRow,
  lens: Lens,
  rows: Rows,
  sent: Resource,
  index?: number,
): Promise<{ readonly part: Part; readonly after: Rows }> {
  const context: LensContext = await contextOf(scope, row, lens.blank(lens.slots[0] ?? '', rows, index))
  let refusal: NotStorableError | undefined
  for (const slot of lens.slots) {
    const part = lens.blank(slot, rows, index)
    try {
      const after = lens.put(part, lens.understand(slot, sent), context)
      if (index !== undefined || hasSlot(lens, scope, after, slot)) return { part, after }
    } catch (error) {
      if (!(error instanceof NotStorableError)) throw error
      // A refusal of the code only says that another part was meant
      if (refusal === undefined || !error.path.startsWith('code')) refusal = error
    }
  }
  throw refusal ?? new NotStorableError('holds nothing that the source could keep')
}

function hasSlot(lens: Lens, { plan }: WriteScope, rows: Rows, slot: string): boolean {
  return lens.slots.length === 1 || lens.parts(rows, plan).some((part) => part.slot === slot)
}

export function partOf(lens: Lens, { plan }: WriteScope, rows: Rows, fits: (part: Part) => boolean): Part {
  const part = lens.parts(rows, plan).find((each) => !each.gone && fits(each))
  if (part) return part
  throw new NotStorableError('the source could not give it back: it is there already, or lacks what makes it one')
}
