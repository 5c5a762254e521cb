/** A page of audit events as a searchset, newest first: what `$access-report` and `$recorded` have in common. */
import { auditEventOf, resourceIn } from '../audit/event.ts'
import { timeIn } from '../audit/event-id.ts'
import type { Answer } from '../http/answer.ts'
import { FHIR_JSON } from '../http/outcome.ts'
import { GatewayError } from '../kernel/errors.ts'
import { dateRange } from '../r4/dates.ts'
import type { AuditDocument } from '../store/audit-documents.ts'
import type { AuditQuery } from '../store/audit-reads.ts'
import { readAudit } from '../store/audit-reads.ts'
import { bundleBytes, matchEntry } from './bundle.ts'
import type { FhirContext } from './context.ts'
import type { Inputs } from './operations/inputs.ts'
import { countInput, textInput } from './operations/inputs.ts'
import type { Input } from './operations/operation.ts'
import { urlOf } from './paging.ts'

export const PAGE_INPUTS: readonly Input[] = [
  { name: 'date', type: 'string', repeats: true },
  { name: '_count', type: 'integer' },
  { name: '_page', type: 'string' },
]

const USUAL = 50

export interface AskedPage {
  /** under the base, without parameters */
  readonly path: string
  readonly interaction: string
  /** for whom it is made, where it is for a patient */
  readonly patient?: string
  readonly query: Omit<AuditQuery, 'from' | 'before' | 'limit' | 'milliseconds'>
}

export async function auditPage(
  context: FhirContext,
  inputs: Inputs,
  { path, interaction, patient, query }: AskedPage,
): Promise<Answer> {
  const { request, limits, writeBack, permit } = context
  const count = Math.min(countInput(inputs, '_count') ?? USUAL, limits.pageSize)
  if (count < 1) throw new GatewayError('GW_BAD_REQUEST', '"_count" is a number of 1 or more.')
  const milliseconds = request.deadline.left
  const found = await readAudit(writeBack.store, permit.tenant, {
    ...query,
    ...spanOf(inputs),
    ...{ limit: count + 1, milliseconds },
  })
  const shown = found.slice(0, count)
  const last = found.length > count ? shown.at(-1) : undefined
  const known = await knownTo(context, shown)
  const mayKnow = (name: string): boolean => known === 'all' || known.has(name)
  const events = shown.map((event) => auditEventOf(event, { patient, mayKnow }))
  const entries = events.map((event) =>
    matchEntry(`${request.base}/AuditEvent/${event.id ?? ''}`, JSON.stringify(event)),
  )
  const links = linksOf(context, path, last && last._id.slice(last.t.length + 1))
  const body = bundleBytes({ type: 'searchset', total: undefined, links, entries })
  return { status: 200, headers: { 'Content-Type': FHIR_JSON }, body, interaction }
}

const AT_ONCE = 5_000

/** Nobody learns here of what they could not see elsewhere. */
async function knownTo(
  { reader, request }: FhirContext,
  events: readonly AuditDocument[],
): Promise<'all' | Set<string>> {
  const { permit } = request.caller
  if (permit.rules === 'everything') return 'all'
  const names = [...new Set(events.flatMap(({ what = [] }) => what.flatMap(({ n }) => n.map(resourceIn))))]
  const known = new Set<string>()
  for (let start = 0; start < names.length; start += AT_ONCE) {
    const ids = names.slice(start, start + AT_ONCE).map((name) => `${permit.tenant}/${name}`)
    const found = await reader.identify(permit, { _id: { $in: ids } }, ids.length)
    for (const id of found) known.add(id.slice(permit.tenant.length + 1))
  }
  return known
}

function linksOf({ request }: FhirContext, path: string, next: string | undefined) {
  const sent = request.query.filter(([name]) => name !== '_page')
  const url = (more: readonly (readonly [string, string])[]): string => {
    const text = new URLSearchParams([...sent, ...more] as [string, string][]).toString()
    return urlOf({ request }, text === '' ? path : `${path}?${text}`)
  }
  const self = { relation: 'self' as const, url: url([]) }
  return next === undefined ? [self] : [self, { relation: 'next' as const, url: url([['_page', next]]) }]
}

const PREFIXED = /^(eq|ge|gt|le|lt)?(\d.*)$/

/** As in searches: `ge2026-01-01`; several must all hold. */
function spanOf(inputs: Inputs): Pick<AuditQuery, 'from' | 'before'> {
  const page = textInput(inputs, '_page')
  if (page !== undefined && !/^[0-9a-z]{1,64}$/.test(page)) {
    throw new GatewayError('GW_BAD_REQUEST', '"_page" is not from a link of this server: start again without it.')
  }
  let [from, before] = ['', page ?? '~']
  for (const value of inputs.get('date') ?? []) {
    const [low, high] = boundsOf(value as string)
    if (low !== undefined && low > from) from = low
    if (high !== undefined && high < before) before = high
  }
  return { from, before }
}

function boundsOf(text: string): [low: string | undefined, high: string | undefined] {
  const [, prefix = 'eq', date = ''] = PREFIXED.exec(text) ?? []
  const range = dateRange(date)
  if (!range) throw new GatewayError('GW_BAD_REQUEST', '"date" is no date of FHIR with eq, ge, gt, le or lt before it.')
  const [start, end] = [timeIn(range.l.getTime()), timeIn(range.h.getTime())]
  const low = { eq: start, ge: start, gt: end }[prefix]
  const high = { eq: end, le: end, lt: start }[prefix]
  return [low, high]
}
