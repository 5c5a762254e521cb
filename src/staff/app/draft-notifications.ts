/**
 * UCP98: whoever left a case as a draft for 24 hours is reminded once. A case is claimed first (`is_notified` 0 to 1, in
 * one commit), so that two runs at once never remind twice; a reminder that fails gives the claim back. A run that ended in
 * between left a claim with its time (`claimed_at`), which the source does not know of: a while later it counts no more.
 */
import { everythingOf } from '../../access/permit.ts'
import type { Row } from '../../mapping/lens.ts'
import type { RowChange } from '../../projection/operation.ts'
import { tokenKey } from '../../r4/keys/text.ts'
import type { Store } from '../../store/collections.ts'
import type { MappedRow, Time } from '../../store/mapped-rows.ts'
import { findMapped, firstSeen } from '../../store/mapped-rows.ts'
import { statusIn } from './case-fields.ts'
import { CASE } from './cases.ts'
import type { Notify } from './notify.ts'
import { isOn } from './plain.ts'
import type { SecondOpinions } from './second-opinions.ts'
import { textOf } from './second-opinions.ts'

const HOUR = 3_600_000
/** Exactly as long counts. */
const WAIT = 24 * HOUR
/** What was due longer than this when the gateway first saw it is too late to be sent. */
const LATE = 24 * HOUR
const CLAIM = 15 * 60_000
const PAGE = 500
/** In one run; what is left is for the next. */
const MOST = 200

export interface DraftParts {
  readonly store: Store
  readonly source: SecondOpinions
  readonly deadline: Time
  readonly change: (changes: readonly RowChange[]) => Promise<void>
  readonly notify: Notify
  readonly now: () => Date
}

export async function notifyDrafts(parts: DraftParts): Promise<{ eligible: number; notified: number }> {
  const drafts = await eligibleDrafts(parts)
  let notified = 0
  for (const { row } of drafts) if (await notifyOne(parts, row)) notified++
  return { eligible: drafts.length, notified }
}

async function eligibleDrafts(parts: DraftParts): Promise<MappedRow[]> {
  const { store, source, deadline, now } = parts
  const [place, permit] = [source.place(CASE), everythingOf(source.tenant)]
  const found: MappedRow[] = []
  for (let after = ''; found.length < MOST;) {
    const filter = { k: tokenKey('status', undefined, 'draft'), _id: { $gt: after } }
    const page = await findMapped(store, permit, place, { filter, limit: PAGE }, deadline)
    const ready = page.filter((each) => isClaimable(each.row, now()) && dueOf(each) <= now().getTime())
    found.push(...(await inTime(parts, ready)))
    const last = page.at(-1)
    if (!last || page.length < PAGE) break
    after = last._id
  }
  return found.slice(0, MOST)
}

/** The age of a case does not change when it is edited. */
function dueOf({ body }: MappedRow): number {
  const { authoredOn = '' } = JSON.parse(body) as { readonly authoredOn?: string }
  const due = Date.parse(authoredOn) + WAIT
  return Number.isNaN(due) ? Infinity : due
}

async function inTime({ store }: DraftParts, drafts: readonly MappedRow[]): Promise<MappedRow[]> {
  const seen = await firstSeen(
    store,
    drafts.map(({ _id }) => _id),
  )
  return drafts.filter((each) => (seen.get(each._id)?.getTime() ?? 0) - dueOf(each) <= LATE)
}

function isClaimable(row: Row, now: Date): boolean {
  if (statusIn(row) !== 'draft') return false
  if (!isOn(row['is_notified'])) return true
  const claimed = Date.parse(textOf(row, 'claimed_at'))
  return !Number.isNaN(claimed) && now.getTime() - claimed >= CLAIM
}

async function notifyOne(parts: DraftParts, row: Row): Promise<boolean> {
  const { change, notify, source } = parts
  const draft = await claimed(parts, row)
  if (!draft) return false
  try {
    await notify({ draft, source, change })
  } catch {
    await setClaim(parts, row, 0, undefined)
    return false
  }
  await setClaim(parts, row, 1, undefined)
  return true
}

/** Undefined: it is no draft any more, or another run has it. */
async function claimed(parts: DraftParts, row: Row): Promise<Row | undefined> {
  let mine: Row | undefined
  await setClaim(parts, row, 1, (now) => {
    mine = isClaimable(now, parts.now()) ? now : undefined
    return mine !== undefined
  })
  return mine
}

/** `holds`: whether a claim may be made on the row as it is now; none: a claim is ended. */
function setClaim(
  { change, now }: DraftParts,
  row: Row,
  notified: 0 | 1,
  holds: ((row: Row) => boolean) | undefined,
): Promise<void> {
  const edit = (current: Row | undefined): Row | undefined => {
    if (!current || (holds && !holds(current))) return current
    const claimedAt = holds ? now().toISOString() : null
    return { ...current, is_notified: alike(current['is_notified'], notified), claimed_at: claimedAt }
  }
  return change([{ mapping: CASE, key: [textOf(row, 'case_id')], edit }])
}

/** As the program that made the row writes it. */
function alike(before: unknown, flag: 0 | 1): unknown {
  if (typeof before === 'boolean') return flag === 1
  return typeof before === 'string' ? String(flag) : flag
}
