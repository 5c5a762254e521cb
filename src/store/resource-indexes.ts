/**
 * The indexes of `resources` and `versions`. Each search is one tight range of one of them; tests hold every parameter
 * type to that.
 */
import type { IndexDescription } from 'mongodb'

export const resourceIndexes: readonly IndexDescription[] = [
  // With `_id` last, the resources of one key come in the order of pages: nothing is sorted
  { key: { tt: 1, k: 1, _id: 1 }, name: 'keys' },
  // Both ends of an interval: `lt` asks where it begins, `gt` where it ends
  { key: { tt: 1, 'd.p': 1, 'd.l': 1, 'd.h': 1 }, name: 'dates-from' },
  { key: { tt: 1, 'd.p': 1, 'd.h': 1 }, name: 'dates-to' },
  { key: { tt: 1, 'n.p': 1, 'n.l': 1, 'n.h': 1 }, name: 'numbers-from' },
  { key: { tt: 1, 'n.p': 1, 'n.h': 1 }, name: 'numbers-to' },
  // `deleted` before `u`: a type is counted without fetching, and tombstones are never walked over
  { key: { tt: 1, deleted: 1, u: 1, _id: 1 }, name: 'updated' },
]

/** One version of a resource after the other is the order of `_id`. */
export const versionIndexes: readonly IndexDescription[] = [
  { key: { tt: 1, u: 1, _id: 1 }, name: 'of-type' },
  { key: { t: 1, u: 1, _id: 1 }, name: 'of-tenant' },
]
