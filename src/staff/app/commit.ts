/** Changes of rows in one commit, on record with it. */
import type { Permit } from '../../access/permit.ts'
import type { Trail } from '../../audit/trail.ts'
import type { Deadline } from '../../kernel/deadline.ts'
import { byThoseInForce } from '../../projection/in-force.ts'
import type { RowChange } from '../../projection/operation.ts'
import type { WriteBack } from '../../projection/write-back.ts'
import { commitWrites } from '../../projection/write-back.ts'
import type { Once } from '../../store/kept-answers.ts'

interface Committing {
  /** who writes */
  readonly by: string
  readonly deadline: Deadline
  readonly trail: Trail | undefined
  /** what is marked as done by it */
  readonly once?: Once | undefined
}

/** Of each first row the last change that is on its way. */
const turns = new Map<string, Promise<unknown>>()

/** Changes that begin with the same row take turns: many at once would only be in each other's way in the database. */
export async function commitRows(...asked: Parameters<typeof commitNow>): Promise<void> {
  const [, , [first], { tenant }] = asked
  const name = [tenant, first?.mapping, ...(first?.key ?? [])].join('/')
  const before = turns.get(name) ?? Promise.resolve()
  const own = before.then(() => commitNow(...asked))
  const end = own.catch(() => undefined)
  turns.set(name, end)
  try {
    await own
  } finally {
    if (turns.get(name) === end) turns.delete(name)
  }
}

async function commitNow(
  writeBack: () => WriteBack,
  { by, deadline, trail, once }: Committing,
  changes: readonly RowChange[],
  permit: Permit,
): Promise<void> {
  const operations = [{ method: 'ROWS' as const, changes }]
  const accompaniment = { recordOf: trail?.recordOf, once }
  const written = await byThoseInForce(writeBack, (inUse) =>
    commitWrites(inUse, permit, by, operations, deadline.left, accompaniment),
  )
  trail?.wrote(written)
}
