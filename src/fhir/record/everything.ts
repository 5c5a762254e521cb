/** The pages of `$everything`: a record in the order of ids, whose it is first, and with each page what it refers to. */
import { GatewayError } from '../../kernel/errors.ts'
import type { Compartment } from '../../r4/compartments.ts'
import type { Found, MomentReader } from '../../store/search-reader.ts'
import { includeEntry, matchEntry } from '../bundle.ts'
import type { EntryText } from '../bundle.ts'
import type { FhirContext } from '../context.ts'
import type { PageMark, Position } from '../page-token.ts'
import { atMarked } from '../paging.ts'
import type { Filter } from '../search/lookup.ts'
import { isInCompartment, isOfNobodyElse, patientsOf } from './belonging.ts'
import type { CareTime } from './care-dates.ts'
import { withinCareTime } from './care-dates.ts'
import { allRecordsFilter, compartmentFilter } from './record-filter.ts'
import { referredBy } from './referred.ts'
import { rootOf } from './root.ts'

export interface AskedRecord {
  /** whose; none: that of every patient */
  readonly owner?: { readonly type: Compartment; readonly id: string }
  readonly types: readonly string[]
  readonly since: Date | undefined
  readonly time: CareTime
  /** the query as it stands under the base, what page tokens are bound to */
  readonly text: string
}

export interface RecordPage {
  readonly entries: readonly EntryText[]
  /** resources of the record, without what they refer to */
  readonly count: number
  readonly next: Position | undefined
  /** undefined: not counted */
  readonly total: number | undefined
  readonly moment: string
  readonly ids: readonly string[] | undefined
}

export interface Place {
  readonly mark: PageMark | undefined
  readonly count: number
  /** what was answered before it and shall not come again */
  readonly seen: Set<string>
  /** of the whole record, where they were read already */
  readonly ids?: readonly string[] | undefined
}

export async function recordPage(context: FhirContext, asked: AskedRecord, place: Place): Promise<RecordPage> {
  return atMarked(context, asked.text, place.mark, (reader) =>
    pageAt({ ...context, reader, now: place.mark?.now ?? Date.now() }, asked, place),
  )
}

/** As MongoDB says it. */
const UNLIMITED = 0

type Reading = Omit<FhirContext, 'reader'> & { readonly reader: MomentReader; readonly now: number }

async function pageAt(context: Reading, asked: AskedRecord, place: Place): Promise<RecordPage> {
  const owner = asked.owner && (await rootOf(context, asked.owner.type, asked.owner.id))
  const ids = place.ids ?? (owner && (await idsOf(context, asked, owner)))
  const found = ids
    ? await findAmong(context, ids, place.mark?.position, place.count + 1)
    : await findAfter(context, await filterOf(context, asked), place.mark?.position, place.count + 1)
  const matches = found.slice(0, place.count)
  const last = found.length > place.count ? matches.at(-1) : undefined
  const referred = await referredOf(context, asked, owner, matches, place.seen)
  context.request.trail?.saw([...matches, ...referred])
  return {
    entries: [...entriesOf(context, matches, matchEntry), ...entriesOf(context, referred, includeEntry)],
    count: matches.length,
    next: last && { values: [last._id] },
    ...{ ids, total: ids?.length, moment: context.reader.time() ?? '' },
  }
}

/** Of a whole record, whose it is first: to look them up again for each page costs less than to sort it. */
async function idsOf(context: Reading, asked: AskedRecord, owner: Found): Promise<string[]> {
  const { permit, reader } = context
  const ids = await reader.identify(permit, await filterOf(context, asked), UNLIMITED)
  const sorted = ids.sort((a, b) => (a < b ? -1 : 1))
  return isAsked(owner, asked, permit.tenant) ? [owner._id, ...sorted] : sorted
}

async function findAmong(
  { permit, reader }: Reading,
  ids: readonly string[],
  position: Position | undefined,
  limit: number,
): Promise<Found[]> {
  const start = position ? ids.indexOf(position.values[0] as string) + 1 : 0
  const wanted = ids.slice(start, start + limit)
  const found = await reader.find(permit, { filter: { _id: { $in: wanted } }, sort: {}, limit, fields: [] })
  const byId = new Map(found.map((each) => [each._id, each]))
  return wanted.flatMap((id) => byId.get(id) ?? [])
}

function findAfter(
  { permit, reader }: Reading,
  filter: Filter,
  position: Position | undefined,
  limit: number,
): Promise<Found[]> {
  const rest = position ? { $and: [filter, { _id: { $gt: position.values[0] as string } }] } : filter
  return reader.find(permit, { filter: rest, sort: { _id: 1 }, limit, fields: [] })
}

/** Its dates of care are those of its parts. */
function isAsked({ _id, u }: Found, { types, since }: AskedRecord, tenant: string): boolean {
  const [type = ''] = _id.slice(tenant.length + 1).split('/')
  return types.includes(type) && (since === undefined || u >= since)
}

async function filterOf(context: Reading, { owner, types, since, time }: AskedRecord): Promise<Filter> {
  const { tenant } = context.permit
  const record = owner ? await compartmentFilter(context, owner.type, owner.id, types) : allRecordsFilter(tenant, types)
  const others = [
    ...(since ? [{ u: { $gte: since } }] : []),
    ...(time.from || time.to ? [withinCareTime(tenant, time)] : []),
  ]
  return others.length > 0 ? { $and: [record, ...others] } : record
}

/** What the record refers to: of nobody's record, or of the encounter's patient. */
function referredOf(
  context: Reading,
  { owner, types }: AskedRecord,
  own: Found | undefined,
  matches: readonly Found[],
  seen: Set<string>,
): Promise<Found[]> {
  for (const { _id } of matches) seen.add(_id)
  if (own) seen.add(own._id)
  const encounter = owner?.type === 'Encounter' ? owner.id : undefined
  const patients = encounter === undefined ? [] : patientsOf('Encounter', own?.k ?? [])
  const isShown = (type: string, id: string, keys: readonly string[]): boolean => {
    if (!types.includes(type)) return false
    if (encounter !== undefined && isInCompartment('Encounter', encounter, type, keys)) return false
    return isOfNobodyElse(patients, type, id, keys)
  }
  return referredBy(context, matches, { seen, isShown })
}

function entriesOf({ permit, request }: Reading, found: readonly Found[], entry: typeof matchEntry): EntryText[] {
  const start = permit.tenant.length + 1
  return found.map(({ _id, body }) => entry(`${request.base}/${_id.slice(start)}`, body))
}

/** Of a query with types: those that are none are refused. */
export function assertTypes(types: readonly string[], isKnown: (type: string) => boolean): void {
  const wrong = types.find((type) => !isKnown(type))
  if (wrong !== undefined)
    throw new GatewayError('GW_BAD_REQUEST', `"_type" names "${wrong}", which is no resource type.`)
}
