/**
 * Whose and which documents a query may see: ANDed into every one. The one place where a Permit becomes a predicate of
 * MongoDB; it asks nothing but what documents are found by anyway (their search keys).
 */
import type { Filter } from 'mongodb'
import { SEEING, testsOf } from '../access/allowed.ts'
import type { KeyTest } from '../access/key-test.ts'
import type { Permit } from '../access/permit.ts'
import { resourceTypes } from '../r4/elements.ts'
import { notDenied, testFilter } from './key-test-filter.ts'
import { aside, oneOf, partsOf } from './filter-parts.ts'
import type { ResourceDocument } from './documents.ts'
import { onList, ownList } from './own-lists.ts'

type Predicate = Filter<ResourceDocument>

/** The filter, and that what fits it may be seen. */
export function permitted(permit: Permit, filter: Predicate): Predicate {
  const { tenant: t, rules } = permit
  return { $and: [{ t }, ...(rules === 'everything' ? [filter] : together(permit, filter))] }
}

/** The same in a form that indexes hold, so that counting looks at no document (`0` comes after `/`). */
export function permittedRange(permit: Permit, filter: Predicate): Predicate {
  const { tenant, rules } = permit
  const range = { tt: { $gte: `${tenant}/`, $lt: `${tenant}0` } }
  return { $and: [range, ...(rules === 'everything' ? [filter] : together(permit, filter))] }
}

/** What may be seen of a type, to be held against documents that no query found. */
export function seenOf(permit: Permit, type: string): Predicate {
  return { t: permit.tenant, ...seen(permit, { tt: `${permit.tenant}/${type}` }).predicate }
}

/** The types of which something may be seen; `all`: everything. `isWhole`: all that is of the type. */
export function placesSeen(
  permit: Permit,
  filter: object,
): 'all' | readonly { readonly tt: string; readonly isWhole: boolean }[] {
  const { tenant, rules } = permit
  if (rules === 'everything') return 'all'
  return (partsOf(filter).types ?? resourceTypes).flatMap((type) => {
    const tests = testsOf(permit, SEEING, type)
    return tests.length === 0 ? [] : [{ tt: `${tenant}/${type}`, isWhole: tests === 'all' }]
  })
}

/**
 * Of two lists of keys MongoDB takes the first that comes for its index. Where the Permit leaves few resources it leads,
 * else what is asked; the other is denied twice, which holds, but no index is chosen for it (as in the search's own lead).
 */
function together(permit: Permit, filter: Predicate): Predicate[] {
  const { predicate, beside, isFew } = seen(permit, filter)
  const { isNamed, isLed } = partsOf(filter)
  if (isNamed) return [filter, beside]
  const list = ownList(permit, filter)
  if (list) return [filter, onList(permit.tenant, list, beside)]
  if (isFew) return [predicate, aside(filter)]
  return [filter, isLed ? beside : predicate]
}

/** The index that leads to what fits, where that is known without weighing: its name. */
export function indexFor(permit: Permit, filter: Predicate): string | undefined {
  if (!partsOf(filter).listKeys) return undefined
  const isOthers = permit.rules !== 'everything' && seen(permit, filter).isFew && !ownList(permit, filter)
  return isOthers ? undefined : 'lists'
}

interface Seen {
  readonly predicate: Predicate
  /** the same `aside` */
  readonly beside: Predicate
  readonly isFew: boolean
}

/** Made once a Permit of one type, and of all where none is named. */
const known = new WeakMap<Permit, Map<string, Seen>>()
const ALL = '*'

function seen(permit: Permit, filter: object): Seen {
  const { types } = partsOf(filter)
  const [name = ALL, ...others] = types ?? []
  if (others.length > 0 || types?.length === 0) return seenIn(permit, types ?? [])
  const ofPermit = known.get(permit) ?? new Map<string, Seen>()
  known.set(permit, ofPermit)
  let found = ofPermit.get(name)
  if (!found) ofPermit.set(name, (found = seenIn(permit, types ?? resourceTypes)))
  return found
}

/** Of more, what is asked of each is said so that it is the same of many: a branch costs more than some keys. */
const FEW_TYPES = 8

function seenIn(permit: Permit, of: readonly string[]): Seen {
  const form = of.length > FEW_TYPES ? 'common' : 'own'
  const groups = Map.groupBy(of, (type) => textOf(testsOf(permit, SEEING, type, form)))
  const found = [...groups.values()].map((types) => ({ types, tests: testsOf(permit, SEEING, types[0] ?? '', form) }))
  const branches = found.flatMap(({ types, tests }) => branchOf(permit.tenant, types, tests))
  const isFew = found.every(({ tests }) => tests !== 'all' && tests.every(({ few, names }) => few ?? names))
  const [first, ...others] = branches
  const predicate = others.length > 0 ? { $or: branches } : (first ?? { _id: { $in: [] } })
  return { predicate, beside: aside(predicate), isFew }
}

const texts = new WeakMap<readonly KeyTest[], string>()

/** Made once of the same: denials of many patients are long. */
export function textOf(tests: 'all' | readonly KeyTest[]): string {
  if (tests === 'all') return tests
  let text = texts.get(tests)
  if (text === undefined) texts.set(tests, (text = JSON.stringify(tests)))
  return text
}

/** Types of which the same is asked. */
function branchOf(tenant: string, types: readonly string[], tests: 'all' | readonly KeyTest[]): Predicate[] {
  if (tests.length === 0) return []
  if (tests === 'all' && types.length === resourceTypes.length) return [{}]
  const place = { tt: oneOf(types.map((type) => `${tenant}/${type}`)) }
  if (tests === 'all') return [place]
  const [first = {}, ...others] = tests.map((test) => testFilter(tenant, test))
  const branch = { ...place, ...(others.length === 0 ? first : { $or: [first, ...others] }) }
  const [{ but = [] } = {}] = tests
  return but.length === 0 ? [branch] : [{ $and: [branch, notDenied(tenant, but)] }]
}
