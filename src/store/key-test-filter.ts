/** What rules ask of a resource's name and search keys (src/access/key-test.ts), as predicates of MongoDB. */
import type { Filter } from 'mongodb'
import type { Dated, KeyTest } from '../access/key-test.ts'
import type { ResourceDocument } from './documents.ts'

type Predicate = Filter<ResourceDocument>

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
export function isPlain({ names, some, dates, none, but = [] }: KeyTest): boolean {
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
