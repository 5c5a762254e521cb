/**
 * After a write: what was sent against what the lens reads now. Every sent value is in the rows, or is kept beside them,
 * or the write is refused with the element's path: never an answer that stored less than it got (contract).
 *
 * Elements that the gateway computes are ignored when they come back as they were, or as they are now.
 */
import type { Resource } from '@medplum/fhirtypes'
import { elementsOf, isPrimitive } from '../r4/elements.ts'
import { alike } from './alike.ts'
import type { Beside, BesideItems, ItemPlace, Json } from './beside.ts'
import { isObject } from './beside.ts'
import { NotStorableError } from './errors.ts'
import { listOf } from './mapping-file.ts'
import { GATEWAY, isWritable } from './ownership.ts'
import type { Owned, OwnedField, OwnedItem, Owner } from './ownership.ts'
import { isItem, pairItems, wholeList } from './pair-items.ts'

/** Where in the resource the comparison stands. */
interface Place {
  readonly path: string
  readonly type: string
  /** what is owned below; undefined: nothing */
  readonly owned: Owned | undefined
  /** whose value this is in; none where nobody gives it whole */
  readonly owners: readonly Owner[]
}

interface Values {
  readonly sent: unknown
  readonly before: unknown
  readonly after: unknown
}

/** What is kept beside the row; undefined when the rows hold it all. `before`: what the lens read before the write. */
export function settle(
  owned: Owned,
  sent: Resource,
  before: Resource | undefined,
  after: Resource,
): Beside | undefined {
  const { resourceType: type, id: _id, ...elements } = sent
  return settleObject(elements, record(before), record(after), { path: type, type, owned, owners: [] })
}

/** What changes the meaning of everything else cannot stand beside a row whose own programs do not see it. */
const MODIFIERS = new Set(['modifierExtension', 'implicitRules', 'doNotPerform'])

/** `meta` of every resource is counted by the gateway. */
const COUNTED = new Set(['versionId', 'lastUpdated'])

interface Found {
  readonly set: Record<string, unknown>
  readonly inner: Record<string, Beside>
  readonly items: Record<string, BesideItems>
}

function settleObject(sent: Json, before: Json, after: Json, place: Place): Beside | undefined {
  const found: Found = { set: {}, inner: {}, items: {} }
  for (const [name, value] of Object.entries(sent)) {
    if (place.type === 'Meta' && COUNTED.has(name)) continue
    const field = place.owned?.fields.get(name)
    const values = { sent: value, before: before[name], after: after[name] }
    settleMember(name, values, memberPlace(name, field, place), { field, found, type: place.type })
  }
  const kept = Object.entries(found).filter(([, members]) => Object.keys(members as object).length > 0)
  if (kept.length === 0) return undefined
  const beside = Object.fromEntries(kept) as Beside
  return isValue(place.type) ? { when: after, ...beside } : beside
}

/** The object a member is of: its type, who owns the member, and what is kept of it so far. */
interface Around {
  readonly type: string
  readonly field: OwnedField | undefined
  readonly found: Found
}

function settleMember(name: string, values: Values, place: Place, around: Around): void {
  const { sent, before, after } = values
  const { found, field } = around
  if (Array.isArray(sent)) {
    const items = settleList({ sent, before: listOf(before), after: listOf(after) }, place, field)
    if (items) found.items[name] = items
  } else if (isObject(sent) && isObject(after) && !isPrimitive(place.type)) {
    const beside = settleObject(sent, record(before), after, place)
    if (beside) found.inner[name] = beside
  } else if (after === undefined) settleMissing(name, sent, before, place, around)
  else if (!alike(sent, after) && !(alike(sent, before) && !isWritable(field))) {
    if (place.owners.length > 0 && isWording(name, around)) found.set[name] = sent
    else refuseUnlessIgnored(place)
  }
}

/** What a client may say in its own words inside a value that the lens gives. */
const WORDS = new Set(['display', 'unit', 'text'])

/** Of a narrative only the text is stored: how it is marked up is the client's. */
function isWording(name: string, { type }: Around): boolean {
  return WORDS.has(name) || type === 'Narrative'
}

/** Values that are one thing: half of one in a column and half beside it would be another value. */
const INDIVISIBLE = new Set(['Quantity', 'Age', 'Duration', 'Money', 'Count', 'Distance', 'Period', 'Range', 'Ratio'])

function isHalf(name: string, type: string, { owners }: Place): boolean {
  return owners.length > 0 && INDIVISIBLE.has(type) && !WORDS.has(name)
}

/** The lens does not give the member. */
function settleMissing(
  name: string,
  sent: unknown,
  before: unknown,
  place: Place,
  { type, field, found }: Around,
): void {
  if (alike(sent, before) && field) return
  if (type === 'Reference' && name === 'reference' && place.owners.length > 0) {
    throw new NotStorableError('points at no resource that is here', { path: place.path })
  }
  const isOwned = field !== undefined && field.owners.length > 0
  if (isOwned || isHalf(name, type, place) || MODIFIERS.has(name)) {
    refuseUnlessIgnored(place)
    return
  }
  if (field?.inner && isObject(sent)) settleObject(sent, record(before), {}, place)
  found.set[name] = sent
}

interface Lists {
  readonly sent: readonly unknown[]
  readonly before: readonly unknown[]
  readonly after: readonly unknown[]
}

function settleList(lists: Lists, list: Place, field: OwnedField | undefined): BesideItems | undefined {
  const { sent, before, after } = lists
  const pairs = pairItems(sent, after, field)
  const added: unknown[] = []
  const inner: { at: ItemPlace; beside: Beside }[] = []
  for (const [index, item] of sent.entries()) {
    const pair = pairs.get(index)
    if (pair?.after === undefined) {
      const owner = pair?.item ?? wholeList(field, item)
      if (isKept(item, lists, itemPlace(list, index, owner), owner)) added.push(item)
    } else if (isObject(item)) {
      const given = record(after[pair.after])
      const beside = settleObject(item, formerOf(before, given, pair.item), given, itemPlace(list, index, pair.item))
      if (beside) inner.push({ at: isValue(list.type) ? { like: given } : { index: pair.after }, beside })
    } else assertSame(item, [after[pair.after], ...before], itemPlace(list, index, pair.item))
  }
  if (added.length === 0 && inner.length === 0) return undefined
  return { ...(added.length > 0 && { added }), ...(inner.length > 0 && { inner }) }
}

/** A primitive item that stands where the lens has one: it says what that says, or said. */
function assertSame(item: unknown, given: readonly unknown[], place: Place): void {
  if (!given.some((each) => alike(item, each))) refuseUnlessIgnored(place)
}

/** The item as the lens read it before the write. */
function formerOf(before: readonly unknown[], given: Json, item: OwnedItem | undefined): Json {
  return record(before.find((each) => (item ? isItem(item, each, before) : alike(each, given))))
}

/** An item that the lens does not give: is it the client's own? Throws when a rule owns it and did not store it. */
function isKept(item: unknown, { before, after }: Lists, place: Place, owner: OwnedItem | undefined): boolean {
  if (!owner) {
    if (MODIFIERS.has(place.path.replace(/\[\d+\]$/, '').replace(/.*\./, ''))) refuseUnlessIgnored(place)
    return true
  }
  if (before.some((each) => alike(item, each))) return false
  const isRules = owner.owners.some((each) => each !== GATEWAY)
  if (isRules || (owner.owners.length > 0 && after.some((each) => sameSystem(each, item)))) {
    refuseUnlessIgnored(place)
    return false
  }
  if (!owner.inner || !isObject(item)) return true
  const former = record(before.find((each) => isItem(owner, each, before)))
  const { when: _when, ...rest } = settleObject(item, former, {}, place) ?? {}
  return Object.keys(rest).length > 0
}

function memberPlace(name: string, field: OwnedField | undefined, { path, type, owners }: Place): Place {
  return {
    path: `${path}.${name}`,
    type: elementsOf(type)?.get(name)?.type ?? '',
    owned: field?.inner,
    owners: field && field.owners.length > 0 ? field.owners : owners,
  }
}

/** What the lens gives and no rule names the item of is part of a whole list. */
function itemPlace({ path, type, owners }: Place, index: number, item: OwnedItem | undefined): Place {
  const own = item ? item.owners : [GATEWAY as Owner]
  return { path: `${path}[${index}]`, type, owned: item?.inner, owners: own.length > 0 ? own : owners }
}

/** A data type is one value; a resource or backbone element (named by its path) is a place for values. */
function isValue(type: string): boolean {
  return type !== 'Meta' && !type.includes('.') && !isPrimitive(type) && elementsOf(type)?.has('meta') !== true
}

function refuseUnlessIgnored({ path, owners }: Place): void {
  if (owners.some((owner) => owner !== GATEWAY && (owner.ignored === true || owner.fileSlot !== undefined))) return
  throw new NotStorableError('is made by the gateway from the source row and cannot be written so', { path })
}

function sameSystem(one: unknown, other: unknown): boolean {
  return isObject(one) && isObject(other) && one['system'] !== undefined && one['system'] === other['system']
}

function record(value: unknown): Json {
  return isObject(value) ? value : {}
}
