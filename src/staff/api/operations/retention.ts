/** Records whose time is over by the rule of their source: whose they are, and erasing them (docs/erasure.md). */
import type { Due } from '../../../projection/retention.ts'
import { eraseDue, keptFor, pageOfDue, retentionAct } from '../../../projection/retention.ts'
import { actOf } from '../on-record.ts'
import type { ApiOperation } from '../operation.ts'
import { ok } from '../operation.ts'

/** Kept for the answer. */
const RESERVE = 1_000

export const listDueRecords: ApiOperation = {
  async handle({ tenant, query, deadline }, { writeBack }) {
    const { limit = 20, cursor } = query as { readonly limit?: number; readonly cursor?: string }
    const asking = { tenant, now: new Date() }
    const found: Due[] = []
    let after: string | undefined = cursor === undefined ? '' : Buffer.from(cursor, 'base64url').toString()
    while (after !== undefined && found.length <= limit && deadline.left > RESERVE) {
      const page: Awaited<ReturnType<typeof pageOfDue>> = await pageOfDue(writeBack(), asking, after)
      found.push(...page.due)
      after = page.next
    }
    const items = found.slice(0, limit)
    const next = found.length > limit ? `${tenant}/Patient/${items.at(-1)?.patient}` : after
    const rules = keptFor(writeBack().plan, asking).map(({ place: { source }, rule }) => ({
      ...{ system: source.system.system, years: rule.years, automatic: source.jobs?.includes('retention') ?? false },
    }))
    return ok({
      rules,
      items: items.map(viewOf),
      ...(next !== undefined && { cursor: Buffer.from(next).toString('base64url') }),
    })
  },
}

export const eraseDueRecords: ApiOperation = {
  async handle(request, { writeBack }) {
    const { tenant, caller, deadline } = request
    const done = await eraseDue(writeBack(), {
      ...{ tenant, now: new Date(), by: caller.by, left: () => deadline.left },
      event: (patient, what) => actOf(request, retentionAct(patient, what)),
    })
    return ok(done)
  },
}

function viewOf({ since, until, ...due }: Due): object {
  return { ...due, since: since.toISOString(), until: until.toISOString() }
}
