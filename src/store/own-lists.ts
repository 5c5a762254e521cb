/**
 * Lists that lead to no more than a Permit does, such as a patient's own Observations: what is seen of them is told by the
 * keys of lists and by what stands beside them (`c`), not by going through all search keys of each document.
 */
import type { Filter } from 'mongodb'
import { SEEING, isAllowed, testsOf } from '../access/allowed.ts'
import type { KeyTest } from '../access/key-test.ts'
import type { Permit } from '../access/permit.ts'
import { notConfidential } from '../r4/lists.ts'
import type { ResourceDocument } from './documents.ts'
import { alongLists, aside, oneOf, partsOf } from './filter-parts.ts'
import { isPlain, testFilter } from './key-test-filter.ts'
import { isWithin, keysWithin } from './within-keys.ts'

type Predicate = Filter<ResourceDocument>

export interface OwnList {
  readonly tt: string
  readonly type: string
  /** of its keys those that lead to nothing but what the Permit shows, as far as it is not confidential */
  readonly plain: readonly string[]
  /** the others: addresses stand in them, and what has none of the plain keys may be seen for another reason */
  readonly spelled: readonly string[]
  readonly tests: readonly KeyTest[]
  /** what must not be seen as confidential is told by `c`; undefined: more is denied than that */
  readonly open: Predicate | undefined
}

/** It comes in its order beside the Permit. */
export function ownList(permit: Permit, filter: object): OwnList | undefined {
  const { listKeys: keys, types: [type, ...others] = [] } = partsOf(filter)
  if (!keys || type === undefined || others.length > 0) return undefined
  const tests = testsOf(permit, SEEING, type)
  if (tests === 'all' || !tests.some(({ some }) => some.some((list) => isWithin(type, keys, list)))) return undefined
  const plain = [...new Set(tests.flatMap((test) => keysWithin(type, keys, test)))]
  const spelled = keys.filter((key) => !plain.includes(key))
  return { tt: `${permit.tenant}/${type}`, type, plain, spelled, tests, open: openOf(tests) }
}

function openOf(tests: readonly KeyTest[]): Predicate | undefined {
  const [{ but = [] } = {}] = tests
  const levels = but.flatMap((test) => (isPlain(test) && test.level) || [])
  if (levels.length < but.length) return undefined
  return levels.length > 0 ? { c: oneOf(notConfidential(levels)) } : {}
}

/** What is seen of the list; `beside`: the same, told by all keys. */
export function onList(tenant: string, { tt, plain, spelled, tests, open }: OwnList, beside: Predicate): Predicate {
  if (plain.length === 0 || !open) return beside
  if (spelled.length === 0) return open
  // Of alternatives MongoDB (6.0) tries the one of several conditions first, so the cheap one says the type again
  return { ...open, $or: [{ s: oneOf(plain), tt }, ...tests.map((test) => aside(testFilter(tenant, test)))] }
}

/** What a search by plain keys alone does not find: documents with one of these keys, where one of them is seen. */
export interface Beside {
  readonly tt: string
  readonly keys: readonly string[]
  readonly isSeen: (document: Pick<ResourceDocument, '_id' | 'k'>) => boolean
}

/**
 * A search along such a list by its plain keys, which asks nothing more of a document than `c`. What else may be seen of the
 * list is looked for beside it; there is hardly ever any.
 */
export function plainly(permit: Permit, filter: Predicate): { filter: Predicate; beside: Beside } | undefined {
  const list = permit.rules === 'everything' ? undefined : ownList(permit, filter)
  if (!list?.open || list.plain.length === 0 || list.spelled.length === 0) return undefined
  const { tt, type, plain, spelled, open } = list
  return {
    filter: { $and: [alongLists(filter, plain), open] },
    beside: {
      tt,
      keys: spelled,
      // Of what is open nothing is denied by its dates
      isSeen: ({ _id, k }) => isAllowed(permit, SEEING, type, _id.slice(tt.length + 1), { k, d: [] }),
    },
  }
}
