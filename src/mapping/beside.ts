/**
 * What FHIR clients wrote of a resource that its lens does not own (contract: Mapped resources): a photo, a second phone,
 * an extension of their own. It is kept beside the row and put back into whatever the lens gives later.
 *
 * What was said inside a value (the display of a reference, the rank of a phone number, another coding) holds for that
 * very value: once the clinic's program changes it, it no longer shows. Said of the resource or a backbone element, it
 * stays.
 */
import { sameValue } from './element-value.ts'
import { isRawJSON } from './exact.ts'

export type Json = Readonly<Record<string, unknown>>

export interface Beside {
  /** only while the lens gives just this value */
  readonly when?: unknown
  /** members the lens does not give */
  readonly set?: Readonly<Record<string, unknown>>
  /** within members that the lens gives too */
  readonly inner?: Readonly<Record<string, Beside>>
  readonly items?: Readonly<Record<string, BesideItems>>
}

export interface BesideItems {
  /** items after those of the lens */
  readonly added?: readonly unknown[]
  readonly inner?: readonly { readonly at: ItemPlace; readonly beside: Beside }[]
}

/** Which item of the lens's: the n-th, or the one that is just this. */
export type ItemPlace = { readonly index: number } | { readonly like: unknown }

/** A copy of what the lens gives, with what is kept beside it. */
export function withBeside(value: Json, beside: Beside): Json {
  if (beside.when !== undefined && !sameValue(beside.when, value)) return value
  const result: Record<string, unknown> = { ...value }
  for (const [name, own] of Object.entries(beside.set ?? {})) {
    if (result[name] === undefined || beside.when !== undefined) result[name] = own
  }
  for (const [name, inner] of Object.entries(beside.inner ?? {})) {
    const member = result[name]
    if (isObject(member)) result[name] = withBeside(member, inner)
  }
  for (const [name, items] of Object.entries(beside.items ?? {})) result[name] = withItems(result[name], items)
  return result
}

function withItems(value: unknown, { added = [], inner = [] }: BesideItems): unknown[] {
  const list = Array.isArray(value) ? [...(value as unknown[])] : []
  const given = list.length
  for (const { at, beside } of inner) {
    const index = 'index' in at ? at.index : list.findIndex((item) => sameValue(item, at.like))
    const item = list[index]
    if (index < given && isObject(item)) list[index] = withBeside(item, beside)
  }
  return [...list, ...added.filter((item) => !list.some((other) => sameValue(other, item)))]
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isRawJSON(value)
}
