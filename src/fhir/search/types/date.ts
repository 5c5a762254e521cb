/** date: stored [L, H) against asked [l, h) (R4 search.html#prefix, #date). */
import { GatewayError } from '../../../kernel/errors.ts'
import { dateRange } from '../../../r4/dates.ts'
import type { DateRange } from '../../../r4/dates.ts'
import { anyElement } from '../lookup.ts'
import type { ElementMatch, Name, SearchType } from '../lookup.ts'
import { splitPrefix } from '../prefix.ts'
import type { Prefix } from '../prefix.ts'

export const date: SearchType = {
  find: ({ parameter: { code }, value, target }) => anyElement('d', dateMatches(code, value, code, target.now)),
  modifiers: {},
}

export function datesOf(code: string, text: string): DateRange {
  const range = dateRange(text)
  if (!range) throw new GatewayError('GW_BAD_REQUEST', `"${code}" has a value that is no date of FHIR.`)
  return range
}

/** What `ap` adds either way: a tenth of the time between the date and now (R4 search.html#prefix). */
export function slackOf(date: Date, now: number): number {
  return Math.abs(now - date.getTime()) / 10
}

/** `code` is what the parameter is called when something is wrong. */
export function dateMatches(p: Name, value: string, code: string, now: number): ElementMatch[] {
  const { prefix, rest } = splitPrefix(value)
  const { l, h } = datesOf(code, rest)
  const slack = slackOf(l, now)
  const conditions: Record<Prefix, readonly Omit<ElementMatch, 'p'>[]> = {
    eq: [{ l: { $gte: l, $lt: h }, h: { $lte: h } }],
    ne: [{ l: { $lt: l } }, { h: { $gt: h } }],
    gt: [{ h: { $gt: h } }],
    lt: [{ l: { $lt: l } }],
    ge: [{ h: { $gt: h } }, { l: { $gte: l } }],
    le: [{ l: { $lt: l } }, { h: { $lte: h } }],
    sa: [{ l: { $gte: h } }],
    eb: [{ h: { $lte: l } }],
    ap: [{ l: { $lt: new Date(h.getTime() + slack) }, h: { $gt: new Date(l.getTime() - slack) } }],
  }
  return conditions[prefix].map((condition) => ({ p, ...condition }))
}
