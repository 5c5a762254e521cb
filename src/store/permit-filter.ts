/**
 * Whose and which documents a query may see: ANDed into every one. The one place where a Permit becomes a predicate of
 * MongoDB; it asks nothing but what documents are found by anyway (their search keys).
 */
import type { Filter } from 'mongodb'
import { testsOf } from '../access/allowed.ts'
import type { Dated, KeyTest } from '../access/key-test.ts'
import type { Permit } from '../access/permit.ts'
import { resourceTypes } from '../r4/elements.ts'
import { isLed, listKeysIn, namesIds, typesIn } from './filter-parts.ts'
import type { ResourceDocument } from './documents.ts'
import { isWithin } from './within-keys.ts'

type Predicate = Filter<ResourceDocument>

/** Who may search or read a resource sees it; a Permit narrowed to one letter (`only`) says which of both. */
export const SEEING = 'rs'

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
  return (typesIn(filter) ?? resourceTypes).flatMap((type) => {
    const tests = testsOf(permit, SEEING, type)
    return tests.length === 0 ? [] : [{ tt: `${tenant}/${type}`, isWhole: tests === 'all' }]
  })
}

/**
 * Of two lists of keys MongoDB takes the first that comes for its index. Where the Permit leaves few resources it leads,
 * else what is asked; the other is denied twice, which holds, but no index is chosen for it (as in the search's own lead).
 */
function together(permit: Permit, filter: Predicate): Predicate[] {
  const { predicate, isFew } = seen(permit, filter)
  if (namesIds(filter)) return [filter, aside(predicate)]
  if (isFew && !isOfList(permit, filter)) return [predicate, aside(filter)]
  return [filter, isLed(filter) ? aside(predicate) : predicate]
}

/** Denied twice: it holds, and no index is chosen for it. */
export function aside(predicate: Predicate): Predicate {
  return { $nor: [{ $nor: [predicate] }] }
}

/** The index that leads to what fits, where that is known without weighing: its name. */
export function indexFor(permit: Permit, filter: Predicate): string | undefined {
  if (!listKeysIn(filter)) return undefined
  const isOthers = permit.rules !== 'everything' && seen(permit, filter).isFew && !isOfList(permit, filter)
  return isOthers ? undefined : 'lists'
}

/** A list that leads to no more than the Permit does (a patient's own Observations) comes in its order beside that. */
function isOfList(permit: Permit, filter: object): boolean {
  const keys = listKeysIn(filter)
  const [type, ...others] = typesIn(filter) ?? []
  if (!keys || type === undefined || others.length > 0) return false
  const tests = testsOf(permit, SEEING, type)
  return tests !== 'all' && tests.some(({ some }) => some.some((list) => isWithin(type, keys, list)))
}

interface Seen {
  readonly predicate: Predicate
  readonly isFew: boolean
}

/** Made once a Permit of one type, and of all where none is named. */
const known = new WeakMap<Permit, Map<string, Seen>>()
const ALL = '*'

function seen(permit: Permit, filter: object): Seen {
  const types = typesIn(filter)
  const [name = ALL, ...others] = types ?? []
  if (others.length > 0 || types?.length === 0) return seenIn(permit, types ?? [])
  const ofPermit = known.get(permit) ?? new Map<string, Seen>()
  known.set(permit, ofPermit)
  let found = ofPermit.get(name)
  if (!found) ofPermit.set(name, (found = seenIn(permit, types ?? resourceTypes)))
  return found
}

function seenIn(permit: Permit, of: readonly string[]): Seen {
  const groups = Map.groupBy(of, (type) => textOf(testsOf(permit, SEEING, type)))
  const found = [...groups.values()].map((types) => ({ types, tests: testsOf(permit, SEEING, types[0] ?? '') }))
  const branches = found.flatMap(({ types, tests }) => branchOf(permit.tenant, types, tests))
  const isFew = found.every(({ tests }) => tests !== 'all' && tests.every(({ few, names }) => few ?? names))
  if (branches.length === 0) return { predicate: { _id: { $in: [] } }, isFew }
  return { predicate: branches.length === 1 ? (branches[0] as Predicate) : { $or: branches }, isFew }
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
  const [tt = '', ...more] = types.map((type) => `${tenant}/${type}`)
  const place = { tt: more.length === 0 ? tt : { $in: [tt, ...more] } }
  if (tests === 'all') return [place]
  const [first = {}, ...others] = tests.map((test) => testFilter(tenant, test))
  const branch = { ...place, ...(others.length === 0 ? first : { $or: [first, ...others] }) }
  const [{ but = [] } = {}] = tests
  return but.length === 0 ? [branch] : [{ $and: [branch, notDenied(tenant, but)] }]
}

/**
 * What is denied of a type is so whichever test it fits. What is deleted has no keys, so it cannot be told here whether it
 * was (version-permit.ts tells).
 */
export function notDenied(tenant: string, but: readonly KeyTest[]): Predicate {
  const [plain, others] = [but.filter(isPlain), but.filter((test) => !isPlain(test))]
  const [marked, unmarked] = [plain.filter(({ marks }) => marks), plain.filter(({ marks }) => !marks)]
  return {
    deleted: false,
    ...(unmarked.length > 0 && without(unmarked)),
    // Of two alternatives MongoDB (7.0) tries the one of several conditions first: here the one that is cheap
    ...(marked.length > 0 && { $or: [{ deleted: false, ...unmarkedBy(marked) }, without(marked)] }),
    ...(others.length > 0 && { $nor: others.map((test) => deniedFilter(tenant, test)) }),
  }
}

function without(tests: readonly KeyTest[]): Predicate {
  return { k: { $nin: tests.flatMap(({ some: [keys = []] }) => [...keys]) } }
}

/** It has none of the parameters, among what is sorted by: that is seen at once, where a list of keys is gone through. */
function unmarkedBy(tests: readonly KeyTest[]): Predicate {
  return Object.fromEntries(tests.flatMap(({ marks = [] }) => marks.map((code) => [`o.${code}`, null])))
}

/** One of some keys, and nothing else. */
function isPlain({ names, some, dates, none, but = [] }: KeyTest): boolean {
  return names === undefined && !dates && some.length === 1 && none.length + but.length === 0
}

function deniedFilter(tenant: string, test: KeyTest): Predicate {
  const { but = [] } = test
  const filter = test.marks
    ? { $and: [{ $nor: [unmarkedBy([test])] }, testFilter(tenant, test)] }
    : testFilter(tenant, test)
  return but.length === 0 ? filter : { $and: [filter, { $nor: but.map((each) => deniedFilter(tenant, each)) }] }
}

export function testFilter(tenant: string, { names, some, dates, none }: KeyTest): Predicate {
  const parts: Predicate[] = [
    ...(names ? [{ _id: { $in: names.map((name) => `${tenant}/${name}`) } }] : []),
    ...some.map((keys) => ({ k: { $in: [...keys] } })),
    ...(dates ? [datedFilter(dates)] : []),
    ...none.map(({ from, to, except }) => ({
      $nor: [{ k: { $elemMatch: { $gte: from, $lt: to, $nin: [...except] } } }],
    })),
  ]
  if (parts.length === 0) return {}
  return parts.length === 1 ? (parts[0] as Predicate) : { $and: parts }
}

/** As `isDated` of src/access/key-test.ts. */
function datedFilter({ codes, from, until, isCertain }: Dated): Predicate {
  const p = { $in: [...codes] }
  const outside = { $or: [{ l: { $lt: from } }, { h: { $gt: until } }] }
  if (isCertain) return { 'd.p': p, $nor: [{ d: { $elemMatch: { p, ...outside } } }] }
  return { $or: [{ d: { $elemMatch: { p, l: { $lt: until }, h: { $gt: from } } } }, { $nor: [{ 'd.p': p }] }] }
}
