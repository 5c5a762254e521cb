/**
 * What a rule asks of a resource, said of its name and its search keys alone: so the same can be asked of MongoDB
 * (src/store/permit-filter.ts) and of the keys of one resource at hand, such as an old version or what is about to be
 * written.
 */

import type { Level } from '../r4/labels.ts'
import type { SearchKeys } from '../r4/search-keys.ts'

export interface KeyTest {
  /** it is one of these: `Patient/1` */
  readonly names?: readonly string[]
  /** of each list it has one */
  readonly some: readonly (readonly string[])[]
  /** has one of these parameters whoever has one of those keys; most have none */
  readonly marks?: readonly string[]
  /** those keys say that it is confidential on this level */
  readonly level?: Level
  /** few resources of a tenant have those keys */
  readonly few?: true
  /** it is dated so, by these parameters */
  readonly dates?: Dated
  /** it has none of these */
  readonly none: readonly Banned[]
  /** it fits none of these */
  readonly but?: readonly KeyTest[]
}

export interface Dated {
  readonly codes: readonly string[]
  readonly from: Date
  readonly until: Date
  /** all its dates are within, and it has one; else: one of them touches that time, or it has none */
  readonly isCertain: boolean
}

/** Keys from the first to before the second, but for those excepted. */
export interface Banned {
  readonly from: string
  readonly to: string
  readonly except: readonly string[]
}

/** What a resource is found by. */
export type Keys = Pick<SearchKeys, 'k' | 'd'>

/** Are these of a resource that fits one of the tests? */
export function fitsOne(tests: readonly KeyTest[], name: string, keys: Keys): boolean {
  return tests.some((test) => fits(test, name, keys))
}

function fits({ names, some, dates, none, but = [] }: KeyTest, name: string, keys: Keys): boolean {
  const { k, d } = keys
  return (
    (names?.includes(name) ?? true) &&
    some.every((list) => hasOne(list, k)) &&
    (!dates || isDated(dates, d)) &&
    !none.some((banned) => k.some((key) => isBanned(banned, key))) &&
    !fitsOne(but, name, keys)
  )
}

function isDated({ codes, from, until, isCertain }: Dated, dates: Keys['d']): boolean {
  const own = dates.filter(({ p }) => codes.includes(p))
  if (isCertain) return own.length > 0 && own.every(({ l, h }) => l >= from && h <= until)
  return own.length === 0 || own.some(({ l, h }) => l < until && h > from)
}

/** Lists of many patients are kept as sets. */
const LONG = 16
const sets = new WeakMap<readonly string[], ReadonlySet<string>>()

function hasOne(list: readonly string[], keys: readonly string[]): boolean {
  if (list.length <= LONG) return list.some((key) => keys.includes(key))
  let set = sets.get(list)
  if (!set) sets.set(list, (set = new Set(list)))
  const known = set
  return keys.some((key) => known.has(key))
}

function isBanned({ from, to, except }: Banned, key: string): boolean {
  return key >= from && key < to && !except.includes(key)
}
