/**
 * Whose time is over, by the rule of the source (`retention` under `jobs` of system.yaml): so many years after the last
 * visit, or after the record was deleted. What is erased then is erased as anybody is (erase.ts): a legal hold stands
 * before it, and a proof is left that names no one.
 */
import { GatewayError } from '../kernel/errors.ts'
import { jobOf } from '../mapping/jobs.ts'
import type { JobOf } from '../mapping/jobs.ts'
import type { Row } from '../mapping/lens.ts'
import { stamped } from '../mapping/stamp.ts'
import type { AuditDocument } from '../store/audit-documents.ts'
import { openErasuresOf } from '../store/erasures.ts'
import { listHolds } from '../store/holds.ts'
import type { HoldDocument } from '../store/holds.ts'
import { rowsOf } from '../store/mapped-rows.ts'
import { knownOf, lastVisits, pageOfPatients } from '../store/retention.ts'
import type { KeptPatient, Visits } from '../store/retention.ts'
import { erasePerson } from './erase.ts'
import type { CollectionPlan, Plan, Source } from './plan.ts'
import { projectionState } from './status.ts'
import type { WriteBack } from './write-back.ts'

type Rule = JobOf['retention']

/** The rows of patients of one source, and how long they are kept. */
interface Kept {
  readonly place: CollectionPlan
  readonly rule: Rule
  readonly visits: readonly Visits[]
}

export interface Due {
  readonly system: string
  readonly patient: string
  /** of the last visit, or of the deletion */
  readonly since: Date
  readonly until: Date
  /** the legal hold that stands before it */
  readonly hold?: string
}

export interface DuePage {
  readonly due: readonly Due[]
  /** `_id` of the last that was looked at; none: these were all */
  readonly next?: string
}

export interface Asking {
  readonly tenant: string
  readonly now: Date
  /** of whose sources; all that have a rule when not said */
  readonly isMeant?: (source: Source) => boolean
}

const BEHIND =
  'The rows are not projected as they are now, and a visit may be among them: see that a gateway or a worker runs, and try again.'
const PAGE = 100
/** For less it is not worth beginning with another one. */
const RESERVE = 2_000

/** Sources of the tenant that keep records for a time. */
export function keptFor(plan: Plan, { tenant, isMeant = () => true }: Asking): Kept[] {
  return [...plan.collections.values()].flatMap((place) => {
    const { source } = place
    const [rule] = place.lenses.flatMap(({ name }) => jobOf(source.system.jobs, 'retention', name) ?? [])
    const isHere = source.system.tenant !== undefined || source.tenant === tenant
    return rule && isHere && isMeant(source) ? [{ place, rule, visits: visitsOf(source, rule) }] : []
  })
}

function visitsOf({ system }: Source, rule: Rule): Visits[] {
  return Object.entries(rule.visits).map(([mapping, parameter]) => {
    const type = system.lenses.find(({ name }) => name === mapping)?.type ?? ''
    return { mapping, type, parameter }
  })
}

/** Of the next patients after `after`, those whose time is over. */
export async function pageOfDue({ store, plan }: WriteBack, asking: Asking, after = ''): Promise<DuePage> {
  const kept = keptFor(plan, asking)
  if (kept.length === 0) return { due: [] }
  const { tenant } = asking
  const of = {
    tenant,
    mappings: kept.map(({ rule }) => rule.mapping),
    instances: kept.map(({ place }) => place.instance),
  }
  const patients = await pageOfPatients(store, of, { after, limit: PAGE })
  const holds = await listHolds(store, tenant, false)
  const due: Due[] = []
  for (const each of kept) {
    const { instance, collection } = each.place
    const own = patients.filter(({ origin }) => origin?.instance === instance && origin.collection === collection)
    due.push(...(await dueOf(store, each, asking, own)).map((found) => withHold(found, holds)))
  }
  const last = patients.length === PAGE ? patients.at(-1) : undefined
  return { due, ...(last && { next: last._id }) }
}

async function dueOf(
  store: WriteBack['store'],
  { place, rule, visits }: Kept,
  { tenant, now }: Asking,
  patients: readonly KeptPatient[],
): Promise<Due[]> {
  const rows = await rowsOf(store, place, patients)
  const last = await lastVisits(store, tenant, patients.filter(({ deleted }) => !deleted).map(idOf), visits)
  const over = patients.flatMap((each) => {
    const patient = idOf(each)
    const row = rows.get(each.origin?.row ?? '')
    const since = each.deleted
      ? (momentIn(place, row, rule.deleted) ?? each.u)
      : (last.get(patient) ?? momentIn(place, row, rule.begun))
    const until = since && yearsAfter(since, rule.years)
    if (!until || until > now) return []
    return [{ each, due: { system: place.source.system.system, patient, since, until } }]
  })
  const known = await knownOf(
    store,
    over.flatMap(({ each }) => (each.deleted ? [each._id] : [])),
  )
  return over.flatMap(({ each, due }) => (each.deleted && !known.has(each._id) ? [] : [due]))
}

function idOf({ _id }: KeptPatient): string {
  return _id.slice(_id.lastIndexOf('/') + 1)
}

function momentIn({ source }: CollectionPlan, row: Row | undefined, column: string): Date | undefined {
  const at = stamped(row?.[column], source.system, source.timeZone)
  return at === undefined ? undefined : new Date(at)
}

/** The 29th of February is over on the 1st of March. */
function yearsAfter(since: Date, years: number): Date {
  const until = new Date(since)
  until.setUTCFullYear(until.getUTCFullYear() + years)
  return until
}

function withHold(due: Due, holds: readonly HoldDocument[]): Due {
  const hold = holds.find(({ patient, system }) => patient === due.patient || system === due.system)
  return hold ? { ...due, hold: hold._id } : due
}

export interface Retaining extends Asking {
  /** who asked */
  readonly by: string
  /** milliseconds that there are */
  readonly left: () => number
  readonly event: (patient: string, what: 'begun' | 'finished') => AuditDocument
}

/** What is put on record of it. */
export function retentionAct(patient: string, what: 'begun' | 'finished') {
  const entities = [{ p: [patient], n: [`Patient/${patient}`] }]
  return { kind: 'erasure', action: 'D', query: `${what}: retention-over`, what: entities } as const
}

export interface Retained {
  readonly erased: number
  /** rows of the source still give something of them */
  readonly open: number
  /** under a legal hold */
  readonly held: number
  /** the time was over before everybody was looked at */
  readonly more: boolean
}

/**
 * Erases those whose time is over; what was begun earlier and stopped is finished first. Throws GW_BUILDING while changes of
 * rows wait: the visit that keeps a record may be among them.
 */
export async function eraseDue(writeBack: WriteBack, asking: Retaining): Promise<Retained> {
  if (!(await projectionState(writeBack.store, writeBack.plan)).caughtUp) throw new GatewayError('GW_BUILDING', BEHIND)
  const counts = { erased: 0, open: 0, held: 0 }
  const erase = async (patient: string): Promise<void> => {
    counts[await eraseOne(writeBack, asking, patient)]++
  }
  for (const patient of await openErasuresOf(writeBack.store, asking.tenant, 'retention-over')) await erase(patient)
  for (let after: string | undefined = ''; after !== undefined;) {
    const { due, next }: DuePage = await pageOfDue(writeBack, asking, after)
    for (const { patient, hold } of due) {
      if (asking.left() < RESERVE) return { ...counts, more: true }
      if (hold === undefined) await erase(patient)
      else counts.held++
    }
    after = next
  }
  return { ...counts, more: false }
}

async function eraseOne(writeBack: WriteBack, asking: Retaining, patient: string): Promise<'erased' | 'open' | 'held'> {
  const { tenant, by, left, event } = asking
  const wish = { t: tenant, patient, reason: 'retention-over' as const, by, left }
  try {
    const { state } = await erasePerson(writeBack, { ...wish, event: (what) => event(patient, what) })
    return state === 'done' ? 'erased' : 'open'
  } catch (error) {
    // A hold that was placed at this moment
    if (error instanceof GatewayError && error.code === 'GW_CONFLICT') return 'held'
    throw error
  }
}
