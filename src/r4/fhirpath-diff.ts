/**
 * What makes one version of a resource of another, as a FHIRPath Patch (https://hl7.org/fhir/R4/fhirpatch.html): applied to
 * the first (fhirpath-patch.ts) it gives the second, digit for digit. Version and time are the server's and left out.
 *
 * Within an object, elements change first, then new ones are added, then others deleted: what has lost its last element is
 * nothing, and would go with it. A list keeps what is the same at its beginning and end.
 */
import type { JsonValue } from './json.ts'
import { isRawNumber, stringifyJson } from './json.ts'
import type { Container, Item } from './patch-items.ts'
import { readItems } from './patch-items.ts'
import type { Member } from './structure-plan.ts'
import { planOf } from './structure-plan.ts'

export interface PatchParameter {
  readonly name: string
  readonly part?: readonly PatchParameter[]
  readonly resource?: unknown
  readonly [value: `value${string}`]: unknown
  readonly [beside: `_value${string}`]: unknown
}

interface Steps {
  readonly changes: PatchParameter[]
  readonly adds: PatchParameter[]
  readonly deletes: PatchParameter[]
}

/** Both of the same type. */
export function fhirPathDiff(from: JsonValue, to: JsonValue): PatchParameter[] {
  const type = String((from as Container)['resourceType'])
  return inObject(type, withoutVersion(from as Container), withoutVersion(to as Container), type)
}

function withoutVersion({ id: _id, meta, ...elements }: Container): Container {
  const own = new Set(['versionId', '_versionId', 'lastUpdated', '_lastUpdated'])
  const labels = Object.fromEntries(Object.entries((meta ?? {}) as Container).filter(([name]) => !own.has(name)))
  return Object.keys(labels).length > 0 ? { meta: labels, ...elements } : elements
}

function inObject(path: string, from: Container, to: Container, type: string): PatchParameter[] {
  const members = [...planOf(type).members.values()].filter(({ sibling }) => !sibling)
  const steps: Steps = { changes: [], adds: [], deletes: [] }
  const seen = new Set<string>()
  for (const member of members) {
    const name = member.choice ?? member.name
    if (seen.has(name)) continue
    seen.add(name)
    const group = member.choice === undefined ? [member] : members.filter(({ choice }) => choice === member.choice)
    ofElement(steps, { path, name }, group, [from, to])
  }
  return [...steps.changes, ...steps.adds, ...steps.deletes]
}

interface Place {
  /** of the object */
  readonly path: string
  /** as FHIRPath says it: `value` of `valueQuantity` */
  readonly name: string
}

/** `group`: the types of a choice. */
function ofElement(
  steps: Steps,
  place: Place,
  group: readonly Member[],
  [from, to]: readonly [Container, Container],
): void {
  const [before, after] = [presentIn(group, from), presentIn(group, to)]
  if (!before && !after) return
  const member = (after ?? before) as Member
  const own = `${place.path}.${place.name}`
  if (member.array) {
    ofList(steps, place, member, [readItems(from, member.name), readItems(to, member.name)])
  } else if (!after) steps.deletes.push(operation('delete', own))
  else if (!before) steps.adds.push(added(place, member, readItems(to, member.name)[0] as Item))
  else {
    const pair = [readItems(from, before.name)[0] as Item, readItems(to, after.name)[0] as Item] as const
    steps.changes.push(...changed(own, before === after ? member : undefined, after, pair))
  }
}

function presentIn(group: readonly Member[], object: Container): Member | undefined {
  return group.find(({ name }) => object[name] !== undefined || object[`_${name}`] !== undefined)
}

/** FHIRPath does not go into mark-up, nor a patch into what is contained. */
const WHOLE = new Set(['Resource', 'Narrative'])

/** `same`: the member, where both are of one type. */
function changed(
  path: string,
  same: Member | undefined,
  member: Member,
  [before, after]: readonly [Item, Item],
): PatchParameter[] {
  if (same && isSame(before, after)) return []
  const canGoOn = same !== undefined && same.check === undefined && !WHOLE.has(same.type)
  if (canGoOn) return inObject(path, before.value as Container, after.value as Container, same.type)
  return [operation('replace', path, valueParameter('value', member, after))]
}

function ofList(
  { changes, adds, deletes }: Steps,
  place: Place,
  member: Member,
  [from, to]: readonly [readonly Item[], readonly Item[]],
): void {
  const own = `${place.path}.${place.name}`
  const start = sameFrom(from, to)
  const end = sameFrom(from.slice(start).toReversed(), to.slice(start).toReversed())
  const paired = Math.min(from.length, to.length) - start - end
  for (let at = start; at < start + paired; at++) {
    changes.push(...changed(`${own}[${at}]`, member, member, [from[at] as Item, to[at] as Item]))
  }
  const firstNew = start + paired
  for (let at = firstNew; at < to.length - end; at++) {
    const item = to[at] as Item
    adds.push(at >= from.length && end === 0 ? added(place, member, item) : inserted(own, member, at, item))
  }
  for (let at = from.length - end - 1; at >= firstNew; at--) deletes.push(operation('delete', `${own}[${at}]`))
}

function sameFrom(one: readonly Item[], other: readonly Item[]): number {
  const first = one.findIndex((item, index) => !isSame(item, other[index]))
  return first < 0 ? one.length : first
}

function added({ path, name }: Place, member: Member, item: Item): PatchParameter {
  return operation('add', path, { name: 'name', valueString: name }, valueParameter('value', member, item))
}

function inserted(path: string, member: Member, index: number, item: Item): PatchParameter {
  return operation('insert', path, { name: 'index', valueInteger: index }, valueParameter('value', member, item))
}

function operation(type: string, path: string, ...others: readonly PatchParameter[]): PatchParameter {
  const part = [{ name: 'type', valueCode: type }, { name: 'path', valueString: path }, ...others]
  return { name: 'operation', part }
}

/** A value[x], or parts where Parameters has none of the type: Extension, Narrative, `Patient.contact`. */
function valueParameter(name: string, { type }: Member, { value, beside }: Item): PatchParameter {
  if (type === 'Resource') return { name, resource: value }
  const key = `value${type.charAt(0).toUpperCase()}${type.slice(1)}` as const
  const isKnown = planOf('Parameters.parameter').members.has(key)
  if (!isKnown && (typeof value !== 'object' || value === null)) return { name, valueString: value }
  if (!isKnown) return { name, part: partsOf(value as Container, type) }
  return {
    name,
    ...(value !== undefined && { [key]: value }),
    ...(beside !== undefined && { [`_${key}`]: beside }),
  }
}

function partsOf(object: Container, type: string): PatchParameter[] {
  return [...planOf(type).members.values()].flatMap((member) =>
    member.sibling
      ? []
      : readItems(object, member.name).map((item) => valueParameter(member.choice ?? member.name, member, item)),
  )
}

/** Digit for digit: 1.0 is not 1.00. */
function isSame(one: unknown, other: unknown): boolean {
  if (isRawNumber(one) || isRawNumber(other)) return stringifyJson(one) === stringifyJson(other)
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return one === other
  const names = Object.keys(one)
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => Object.hasOwn(other, name) && isSame(one[name as never], other[name as never]))
  )
}
