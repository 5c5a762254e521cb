/**
 * After a write: what was sent against what the lens reads now. Every sent value is in the rows, or is kept beside them,
 * or the write is refused with the element's path: never an answer that stored less than it got (contract).
 *
 * Elements that the gateway computes are ignored when they come back as they were, or as they are now.
 */
import type { Resource } from '@medplum/fhirtypes'
import { elementsOf, isPrimitive } from '../r4/elements.ts'
import type { Beside, BesideItems, ItemPlace, Json } from './beside.ts'
import { isObject } from './beside.ts'
import { fits } from './element-value.ts'
import { NotStorableError } from './errors.ts'
import { alike, contains } from './alike.ts'
import { GATEWAY } from './ownership.ts'
import type { Owned, OwnedField, OwnedItem, Owner } from './ownership.ts'

/** Where in the resource the comparison stands. */
interface Place {
  readonly path: string
  readonly type: string
  /** what is owned below; undefined: nothing */
  readonly owned: Owned | undefined
  /** inside a value that a rule gives whole */
  readonly whole: boolean
}

/** What is kept beside the row; undefined when the rows hold it all. `before`: what the lens read before the write. */
export function settle(
  owned: Owned,
  sent: Resource,
  before: Resource | undefined,
  after: Resource,
): Beside | undefined {
  const place: Place = { path: sent.resourceType, type: sent.resourceType, owned, whole: false }
  const { resourceType: _type, id: _id, ...elements } = sent
  return settleObject(
    elements,
    before as unknown as Json | undefined,
    after as unknown as Json,
    place,
  )
}

interface Found {
  readonly set: Record<string, unknown>
  readonly inner: Record<string, Beside>
  readonly items: Record<string, BesideItems>
}

function settleObject(sent: Json, before: Json | undefined, after: Json, place: Place): Beside | undefined {
  const found: Found = { set: {}, inner: {}, items: {} }
  for (const [name, value] of Object.entries(sent)) {
    if (place.type === 'Meta' && (name === 'versionId' || name === 'lastUpdated')) continue
    settleMember(name, { sent: value, before: before?.[name], after: after[name] }, place, found)
  }
  const { set, inner, items } = found
  const beside: Beside = {
    ...(Object.keys(set).length > 0 && { set }),
    ...(Object.keys(inner).length > 0 && { inner }),
    ...(Object.keys(items).length > 0 && { items }),
  }
  if (Object.keys(beside).length === 0) return undefined
  return isValue(place.type) ? { when: after, ...beside } : beside
}

interface Values {
  readonly sent: unknown
  readonly before: unknown
  readonly after: unknown
}

function settleMember(name: string, values: Values, place: Place, found: Found): void {
  const { sent, before, after } = values
  const field = place.owned?.fields.get(name)
  const inner = memberPlace(name, field, place)
  if (Array.isArray(sent)) {
    const items = settleList(sent, listOf(before), listOf(after), inner, field)
    if (items) found.items[name] = items
  } else if (isObject(sent) && !isPrimitive(inner.type)) {
    settleInner(name, sent, values, inner, field, found)
  } else if (after === undefined) {
    if (alike(sent, before) && isOwned(field)) return
    if (place.type === 'Reference' && name === 'reference' && place.whole) throw nothingThere(inner.path)
    if (isOwned(field)) refuseUnlessIgnored(field?.owners ?? [], inner.path)
    else found.set[name] = sent
  } else if (!alike(sent, after) && !(alike(sent, before) && !isWritable(field))) {
    if (!place.whole || !WORDS.has(name)) refuseUnlessIgnored(field?.owners ?? [GATEWAY], inner.path)
    else found.set[name] = sent
  }
}

function settleInner(
  name: string,
  sent: Json,
  { before, after }: Values,
  inner: Place,
  field: OwnedField | undefined,
  found: Found,
): void {
  if (isObject(after)) {
    const beside = settleObject(sent, isObject(before) ? before : undefined, after, inner)
    if (beside) found.inner[name] = beside
    return
  }
  if (alike(sent, before) && field) return
  if (isOwned(field)) refuseUnlessIgnored(field?.owners ?? [], inner.path)
  else {
    if (field?.inner) settleObject(sent, isObject(before) ? before : undefined, {}, inner)
    found.set[name] = sent
  }
}

/** What a client may say in its own words inside a value that the lens gives. */
const WORDS = new Set(['display', 'unit', 'text'])

function settleList(
  sent: readonly unknown[],
  before: readonly unknown[],
  after: readonly unknown[],
  place: Place,
  field: OwnedField | undefined,
): BesideItems | undefined {
  const pairs = pairItems(sent, after, field)
  const added: unknown[] = []
  const inner: { at: ItemPlace; beside: Beside }[] = []
  for (const [index, item] of sent.entries()) {
    const pair = pairs.get(index)
    const own = itemPlace(place, index, pair?.item)
    if (pair?.after === undefined) {
      if (isKeptItem(item, before, after, own, pair?.item ?? wholeList(field, item))) added.push(item)
    } else if (isObject(item)) {
      const given = after[pair.after] as Json
      const former = pair.item ? before.find((each) => isItem(pair.item as OwnedItem, each, before)) : undefined
      const beside = settleObject(item, isObject(former) ? former : matching(before, given), given, own)
      if (beside) inner.push({ at: isValue(place.type) ? { like: given } : { index: pair.after }, beside })
    }
  }
  if (added.length === 0 && inner.length === 0) return undefined
  return { ...(added.length > 0 && { added }), ...(inner.length > 0 && { inner }) }
}

/** Throws when a rule owns the item and did not store it. */
function isKeptItem(
  item: unknown,
  before: readonly unknown[],
  after: readonly unknown[],
  place: Place,
  owner: OwnedItem | undefined,
): boolean {
  if (owner && before.some((each) => alike(item, each))) return false
  if (owner?.owners.some((each) => each !== GATEWAY)) {
    refuseUnlessIgnored(owner.owners, place.path)
    return false
  }
  if (owner?.owners.includes(GATEWAY) && after.some((each) => sameSystem(each, item))) {
    refuseUnlessIgnored(owner.owners, place.path)
  }
  if (owner?.inner && isObject(item)) {
    const former = before.find((each) => isItem(owner, each, before))
    const rest = settleObject(item, isObject(former) ? former : undefined, {}, place)
    return rest?.set !== undefined || rest?.inner !== undefined || rest?.items !== undefined
  }
  return true
}

/** The rule that gives the whole list, of items such as this. */
function wholeList(field: OwnedField | undefined, item: unknown): OwnedItem | undefined {
  return field?.items.find(
    ({ selector }) => selector.kind === 'list' || (selector.kind === 'repeat' && fits(item, selector.tests)),
  )
}

interface Pair {
  /** undefined: the lens gives no such item */
  readonly after: number | undefined
  readonly item: OwnedItem | undefined
}

/** Which sent item is which of the lens's: by discriminator, then by content. */
function pairItems(
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
    if (item.selector.kind !== 'match' && item.selector.kind !== 'index') continue
    const index = sent.findIndex((each, i) => !pairs.has(i) && isItem(item, each, sent))
    const other = after.findIndex((each, i) => !taken.has(i) && isItem(item, each, after))
    if (index >= 0) pair(index, other, item)
  }
  for (const same of [alike, contains]) {
    for (const [index, each] of sent.entries()) {
      if (pairs.has(index)) continue
      const other = after.findIndex((given, i) => !taken.has(i) && same(each, given))
      if (other >= 0) pair(index, other)
    }
  }
  return pairs
}

function isItem({ selector }: OwnedItem, item: unknown, list: readonly unknown[]): boolean {
  if (selector.kind === 'index') return list[selector.index] === item
  return selector.kind === 'match' && fits(item, selector.tests)
}

function matching(list: readonly unknown[], given: Json): Json | undefined {
  return list.find((each): each is Json => isObject(each) && alike(each, given))
}

function memberPlace(name: string, field: OwnedField | undefined, place: Place): Place {
  return {
    path: `${place.path}.${name}`,
    type: elementsOf(place.type)?.get(name)?.type ?? '',
    owned: field?.inner,
    whole: place.whole || (field?.owners.length ?? 0) > 0,
  }
}

function itemPlace(list: Place, index: number, item: OwnedItem | undefined): Place {
  const path = `${list.path}[${index}]`
  return { path, type: list.type, owned: item?.inner, whole: item ? item.owners.length > 0 || list.whole : true }
}

/** A data type is one value; a resource or backbone element (named by its path) is a place for values. */
function isValue(type: string): boolean {
  return type !== 'Meta' && !type.includes('.') && !isPrimitive(type) && elementsOf(type)?.has('meta') !== true
}

function isOwned(field: OwnedField | undefined): boolean {
  return (field?.owners.length ?? 0) > 0
}

/** An element that a rule gives together with others follows them: a cancelled appointment is nobody's to accept. */
function isWritable(field: OwnedField | undefined): boolean {
  return (field?.owners ?? []).some(
    (owner) => owner !== GATEWAY && owner.only !== 'read' && owner.paths.length === 1 && isStored(owner),
  )
}

function isStored({ source }: Exclude<Owner, typeof GATEWAY>): boolean {
  return source.kind !== 'constant' && source.kind !== 'parts' && source.kind !== 'canonical'
}

function refuseUnlessIgnored(owners: readonly Owner[], path: string): void {
  if (owners.some((owner) => owner !== GATEWAY && (owner.ignored === true || owner.veiled === true))) return
  throw new NotStorableError('is made by the gateway from the source row and cannot be written so', { path })
}

function nothingThere(path: string): NotStorableError {
  return new NotStorableError('points at no resource that is here', { path })
}

function sameSystem(one: unknown, other: unknown): boolean {
  return isObject(one) && isObject(other) && one['system'] !== undefined && one['system'] === other['system']
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : value === undefined ? [] : [value]
}
