/** Search keys that lead to no more than others do. */
import { implies } from '../access/implied.ts'
import type { KeyTest } from '../access/key-test.ts'

/**
 * Has everything with one of the keys one of the list? But for references with an address before them (`spellingsOf` of
 * src/fhir/search): there are few, and of those it is told by their keys when they are handed out.
 */
export function isWithin(type: string, keys: readonly string[], list: readonly string[]): boolean {
  const implying = keys.filter((key) => implies(type, key, list))
  const isSpelled = (key: string): boolean => implying.some((each) => isOfSame(key, each))
  return implying.length > 0 && keys.every((key) => implying.includes(key) || isSpelled(key))
}

/** Those of the keys that lead to nothing but what fits the test, but for what is denied. */
export function keysWithin(type: string, keys: readonly string[], { names, some, dates, none }: KeyTest): string[] {
  if (names !== undefined || dates || none.length > 0) return []
  return keys.filter((key) => some.every((list) => implies(type, key, list)))
}

/** `patient=https://a.b/Patient/1` and `patient=Patient/1` */
function isOfSame(key: string, short: string): boolean {
  const at = short.indexOf('=') + 1
  return key.startsWith(short.slice(0, at)) && key.endsWith(`/${short.slice(at)}`)
}
