/**
 * A Permit as it is just now: less what patients deny by Consents, and more where a record was opened in an emergency.
 * Denials that differ in nothing but the patient become one, so that hundreds of Consents are a few lists.
 */
import { changesOf, isMeantBy } from './actors.ts'
import type { Known } from './actors.ts'
import type { ConsentRule, Rule } from './consent-rules.ts'
import type { Denial } from './denial.ts'
import type { Holder } from './holder.ts'
import { ownDenials, ownPatient } from './holder.ts'
import type { Permit } from './permit.ts'
import { isFor } from './purpose.ts'
import { isWithin } from './span.ts'

/** Of one tenant: what may change from one moment to the next. */
export interface Restrictions extends Known {
  readonly consents: readonly ConsentRule[]
  readonly openings: readonly Opening[]
}

/** A record that somebody opened in an emergency, with one app. */
export interface Opening {
  readonly account: string
  readonly client: string
  /** id */
  readonly patient: string
  readonly until: Date
}

interface Made {
  readonly permit: Permit
  readonly until: number
}
const made = new WeakMap<Restrictions, WeakMap<Permit, Made>>()

/** The same object as long as nothing changes. */
export function restricted(permit: Permit, restrictions: Restrictions, now = Date.now()): Permit {
  const { consents, openings } = restrictions
  if (permit.rules === 'everything' || !permit.holder || consents.length + openings.length === 0) return permit
  const known = made.get(restrictions) ?? new WeakMap<Permit, Made>()
  made.set(restrictions, known)
  const last = known.get(permit)
  if (last && now < last.until) return last.permit
  const denials = denialsOf(permit.holder, restrictions, now)
  const isSame = JSON.stringify(denials) === JSON.stringify((last?.permit ?? permit).denials)
  const next = isSame ? (last?.permit ?? permit) : { ...permit, denials }
  known.set(permit, { permit: next, until: nextChange(restrictions, now) })
  return next
}

/** As it was granted: what is kept for later is restricted again then. */
export function asGranted(permit: Permit): Permit {
  return permit.holder ? { ...permit, denials: ownDenials(permit.holder) } : permit
}

/** All denials there are for this holder, at this time. */
function denialsOf(holder: Holder, restrictions: Restrictions, now: number): Denial[] {
  const opened = openedFor(holder, restrictions, now)
  const labels = ownDenials(holder, opened)
  if (holder.clearance.includes('clearance:consent')) return labels
  const own = ownPatient(holder)
  const except = [...(own === undefined ? [] : [own]), ...opened]
  const denied = restrictions.consents.flatMap((consent) => denialsIn(consent, holder, restrictions, now))
  return [...labels, ...together(denied).map((each) => (except.length > 0 ? { ...each, except } : each))]
}

/** Patients whose record they opened, and that is not over. */
export function openedFor({ account, client }: Holder, { openings }: Restrictions, now: number): string[] {
  const theirs = openings.filter((each) => each.account === account && each.client === client)
  return [...new Set(theirs.filter(({ until }) => until.getTime() > now).map(({ patient }) => patient))].sort()
}

export function denialsIn(
  { patient, rule }: ConsentRule,
  holder: Holder,
  restrictions: Restrictions,
  now: number,
): Denial[] {
  if (!isWithin(rule, now)) return []
  const asks = (each: Rule): boolean => isWithin(each, now) && isMeant(each, holder, restrictions, now)
  return denying(rule, asks).map((denial) => ({ ...denial, patients: [patient] }))
}

/** What a rule that permits denies as an exception is denied, whatever else the rule says. */
function denying(rule: Rule, asks: (rule: Rule) => boolean): Denial[] {
  if (rule.type === 'permit') return rule.rules.flatMap((each) => denying(each, asks))
  return asks(rule) ? [withExceptions(rule, asks)] : []
}

/** Where one exception permits and another denies, it is denied. */
function withExceptions({ type, of, rules }: Rule, asks: (rule: Rule) => boolean): Denial {
  const meant = rules.filter(asks)
  const against = meant.filter((each) => each.type === type).map((each) => withExceptions(each, asks))
  const but = meant
    .filter((each) => each.type !== type)
    .map((each) => withExceptions(each, asks))
    .map((each) => (type === 'deny' && against.length > 0 ? { ...each, but: [...(each.but ?? []), ...against] } : each))
  return but.length > 0 ? { ...of, but } : of
}

/** What is not understood of it makes a denial wider, and a permission none. */
function isMeant(rule: Rule, holder: Holder, known: Known, now: number): boolean {
  const { type, actors, purposes, isPartly } = rule
  const isDenial = type === 'deny'
  if (!isDenial && isPartly) return false
  if (purposes && !isFor(purposes, holder.purposes ?? [], isDenial)) return false
  return actors === undefined || isMeantBy(actors, holder, { ...known, now, isDenial })
}

function together(denials: readonly Denial[]): Denial[] {
  // What is said of single resources is said by their own patient
  const shape = ({ patients, ...rest }: Denial): string => {
    return JSON.stringify(rest.names || rest.about ? { patients, ...rest } : rest)
  }
  return [...Map.groupBy(denials, shape).values()].flatMap((group) => {
    const [first] = group
    return first ? [{ ...first, patients: [...new Set(group.flatMap(({ patients = [] }) => patients))] }] : []
  })
}

function nextChange({ consents, openings, teams }: Restrictions, now: number): number {
  const timesOf = ({ from = 0, until = 0, rules }: Rule): number[] => [from, until, ...rules.flatMap(timesOf)]
  const ends = openings.map(({ until }) => until.getTime())
  const times = [...consents.flatMap(({ rule }) => timesOf(rule)), ...ends, ...teams.flatMap(changesOf)]
  return times.reduce((next, time) => (time > now && time < next ? time : next), Infinity)
}
