/** Which item of a sent list is which of the lens's: by the discriminators of the rules, then by content. */
import { alike, contains } from './alike.ts'
import { isObject } from './beside.ts'
import { fits } from './element-value.ts'
import type { OwnedField, OwnedItem } from './ownership.ts'

export interface Pair {
  /** undefined: the lens gives no such item */
  readonly after: number | undefined
  /** whose rules it is under */
  readonly item: OwnedItem | undefined
}

/** By the index of the sent item; one that is not there is nobody's. */
export function pairItems(
  sent: readonly unknown[],
  after: readonly unknown[],
  field: OwnedField | undefined,
): ReadonlyMap<number, Pair> {
  const pairs = new Map<number, Pair>()
  const taken = new Set<number>()
  const pair = (index: number, other: number, item?: OwnedItem): void => {
    pairs.set(index, { after: other < 0 ? undefined : other, item })
    if (other >= 0) taken.add(other)
  }
  for (const item of field?.items ?? []) {
    const index = sent.findIndex((each, i) => !pairs.has(i) && isItem(item, each, sent))
    const other = after.findIndex((each, i) => !taken.has(i) && isItem(item, each, after))
    if (index >= 0) pair(index, other, item)
  }
  for (const same of [alike, contains, isPartOf, sameCode]) {
    for (const [index, each] of sent.entries()) {
      if (pairs.has(index)) continue
      const other = after.findIndex((given, i) => !taken.has(i) && same(each, given))
      if (other >= 0) pair(index, other)
    }
  }
  return pairs
}

/** The client left out what the gateway adds: a display, say. */
function isPartOf(sent: unknown, given: unknown): boolean {
  return contains(given, sent)
}

/** A coding in other words. */
function sameCode(sent: unknown, given: unknown): boolean {
  if (!isObject(sent) || !isObject(given) || sent['code'] === undefined) return false
  return sent['code'] === given['code'] && sent['system'] === given['system']
}

/** Is it the one item that the rules of `item` speak of? */
export function isItem({ selector }: OwnedItem, item: unknown, list: readonly unknown[]): boolean {
  if (selector.kind === 'index') return list[selector.index] === item
  return selector.kind === 'match' && fits(item, selector.tests)
}

/** The rules that give the whole list, of items such as this. */
export function wholeList(field: OwnedField | undefined, item: unknown): OwnedItem | undefined {
  return field?.items.find(
    ({ selector }) => selector.kind === 'list' || (selector.kind === 'repeat' && fits(item, selector.tests)),
  )
}
