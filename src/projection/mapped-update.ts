/** A FHIR update of a mapped resource: through the lens into its rows, and from there into everything they give. */
import type { Resource } from '@medplum/fhirtypes'
import { GatewayError } from '../kernel/errors.ts'
import { NotStorableError } from '../mapping/errors.ts'
import type { Part, Rows } from '../mapping/lens.ts'
import type { ResourceDocument } from '../store/documents.ts'
import type { BatchRow } from './batch.ts'
import { blankParts, storedBlanks } from './blank-rows.ts'
import type { Written } from './contents.ts'
import { meetingsOf } from './meetings.ts'
import type { Projection } from './project.ts'
import { projectRows } from './project.ts'
import { applyConsequences } from './consequences.ts'
import { applyRowWrites, changedRows } from './row-writes.ts'
import type { WriteScope } from './write-scope.ts'
import { ownRows, viewOf } from './write-scope.ts'

export async function updateMapped(scope: WriteScope, stored: ResourceDocument, sent: Resource): Promise<Projection> {
  const view = await viewOf(scope, stored)
  if (!view) throw new GatewayError('GW_CONFLICT', 'The source rows of this resource are not as they were; read again.')
  const { id, row, part, context } = view
  const { lens } = part
  if (!lens.writes.updates) throw notWritable(lens.type)
  const source = (row.plan as NonNullable<BatchRow['plan']>).source
  const blanks = blankParts(scope, source, row, part)
  const understood = lens.understand(part.slot, sent)
  const before = lens.get(part, context) as Resource
  const rows = lens.put({ ...part, rows: { ...part.rows, ...blanks.rows } }, understood, context)
  const writes = [...changedRows(ownRows(row, part), rows), ...(await storedBlanks(scope, source, lens, blanks, rows))]
  if (writes.length > 0) lens.writes.assertEditable(part.rows)
  await applyRowWrites(scope, source, lens, writes)
  const settled = settling(id, part.rows, (after, given) => lens.settle(after.slot, understood, before, given))
  const refs = [row.ref, ...writes.map(({ ref }) => ref)]
  const projection = await projectWrite(scope, refs, { settle: settled.settle })
  settled.assertDone(projection, lens.name)
  return projection
}

export function notWritable(type: string): GatewayError {
  return new GatewayError('GW_NOT_ALLOWED', `This ${type} comes from a source that takes no such write.`, {
    allow: 'GET, HEAD',
  })
}

export type Settle = Written['settle'] extends ReadonlyMap<string, infer F> ? F : never

/** Settles the written resource once its content is known; a write that makes it disappear is refused. */
export function settling(id: string, before: Rows | undefined, settle: Settle) {
  let done = false
  const once: Settle = (part: Part, given) => {
    part.lens.writes.assertAllowed(before, part.rows)
    done = true
    return settle(part, given)
  }
  return {
    settle: new Map([[id, once]]),
    assertDone({ batch }: Projection, mapping: string): void {
      if (done) return
      const problem = batch.find((row) => row.problem?.mapping === mapping)?.problem
      if (problem) throw new NotStorableError(problem.reason, { path: problem.rule })
      throw new NotStorableError(
        'what was sent would make it another resource, or none: the source could not give it back',
      )
    },
  }
}

/** Projects what a write changed, as it will be. */
export async function projectWrite(
  scope: WriteScope,
  refs: Parameters<typeof projectRows>[2],
  written: Partial<Pick<Written, 'settle' | 'deleted' | 'rows'>>,
): Promise<Projection> {
  const { store, plan, session, by, now } = scope
  const none = { settle: new Map(), deleted: new Set<string>() }
  const options = { onlyChanged: false, now, written: { ...none, ...written, by } }
  let projection = await projectRows(store, plan, refs, session, options)
  const following = await applyConsequences(scope, projection)
  if (following.length > 0) projection = await projectRows(store, plan, [...refs, ...following], session, options)
  traceMeetings(scope, projection)
  return projection
}

/** Another write must not lean on what this one changes, nor the other way round. */
function traceMeetings(scope: WriteScope, projection: Projection): void {
  const { leans, answers } = meetingsOf(projection)
  for (const lean of leans) scope.leans.add(lean)
  for (const answer of answers) scope.answers.add(answer)
}
