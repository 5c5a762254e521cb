/**
 * What a rule asks of a resource, said of its name and its search keys alone: so the same can be asked of MongoDB
 * (src/store/permit-filter.ts) and of the keys of one resource at hand, such as an old version or what is about to be
 * written.
 */

export interface KeyTest {
  /** it is one of these: `Patient/1` */
  readonly names?: readonly string[]
  /** of each list it has one */
  readonly some: readonly (readonly string[])[]
  /** few resources of a tenant have those keys */
  readonly few?: true
  /** it has none of these */
  readonly none: readonly Banned[]
}

/** Keys from the first to before the second, but for those excepted. */
export interface Banned {
  readonly from: string
  readonly to: string
  readonly except: readonly string[]
}

/** Are these of a resource that fits one of the tests? */
export function fitsOne(tests: readonly KeyTest[], name: string, keys: readonly string[]): boolean {
  return tests.some((test) => fits(test, name, keys))
}

function fits({ names, some, none }: KeyTest, name: string, keys: readonly string[]): boolean {
  return (
    (names?.includes(name) ?? true) &&
    some.every((list) => list.some((key) => keys.includes(key))) &&
    !none.some((banned) => keys.some((key) => isBanned(banned, key)))
  )
}

function isBanned({ from, to, except }: Banned, key: string): boolean {
  return key >= from && key < to && !except.includes(key)
}
