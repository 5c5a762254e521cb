/** Business numbers (`PAT-%06d`) and whole-number keys: each given once, also beside programs that make rows of their own. */
import { hasCounter, nextNumber } from '../store/guards.ts'
import { formsOf } from '../store/source-rows.ts'
import { greatestNumber, isTaken } from '../store/source-writer.ts'
import type { Source } from './plan.ts'
import type { WriteScope } from './write-scope.ts'

interface Column {
  readonly collection: string
  readonly column: string
}

/** A number that none of the columns holds. Without a template, the number itself. */
export async function allocateNumber(
  { store, session }: WriteScope,
  { database }: Source,
  columns: readonly Column[],
  template: string | undefined,
): Promise<unknown> {
  const name = template ?? columns.map(({ collection, column }) => `${collection}.${column}`).join()
  const key = `${database}/${name}`
  const start = template === undefined ? undefined : template.slice(0, template.indexOf('%'))
  const greatest = async (): Promise<number> => {
    const found = columns.map(({ collection, column }) =>
      greatestNumber(store, { database, collection }, column, start),
    )
    return Math.max(...(await Promise.all(found)))
  }
  let floor = (await hasCounter(store, key)) ? 0 : await greatest()
  for (;;) {
    const value = format(template, await nextNumber(store, key, floor))
    const forms = formsOf(String(value))
    let taken = false
    for (const { collection, column } of columns) {
      taken ||= await isTaken(store, { database, collection, _id: undefined }, column, forms, session)
    }
    if (!taken) return value
    floor = await greatest()
  }
}

/** `PAT-%06d`: digits are filled up with zeros, and more digits than that are no mistake (entities §3.7). */
function format(template: string | undefined, number: number): unknown {
  return template === undefined
    ? number
    : template.replace(/%(?:0(\d+))?d/, (_, width: string | undefined) =>
        String(number).padStart(Number(width ?? 0), '0'),
      )
}
