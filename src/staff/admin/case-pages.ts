/**
 * Pages of many cases, the latest first. No index has them in this order, but one has the times of each: a page is looked
 * for in the last day before where it begins, and in four times as much before that, until it is full.
 */
import type { Permit } from '../../access/permit.ts'
import type { MappedPlace, MappedRow, Time } from '../../store/mapped-rows.ts'
import { findMapped } from '../../store/mapped-rows.ts'
import type { Store } from '../../store/collections.ts'
import { NEWEST } from '../app/cases.ts'

const DAY = 24 * 3_600_000
const GROWTH = 4
/** Nothing is older. */
const BEGINNING = Date.UTC(1900)

/** After which case the page begins. */
export interface Start {
  readonly at: number
  readonly id: string
}

export interface CaseQuery {
  /** search keys, all of which it must have */
  readonly keys: readonly string[]
  readonly start: Start | undefined
  readonly limit: number
  /** the beginning of its `_id` */
  readonly idPrefix?: string
}

interface Parts {
  readonly store: Store
  readonly permit: Permit
  readonly place: MappedPlace
  readonly deadline: Time
}

export async function casePage(parts: Parts, query: CaseQuery): Promise<MappedRow[]> {
  const found: MappedRow[] = []
  let to = query.start ? query.start.at + 1 : Date.now() + DAY
  for (let width = DAY; found.length < query.limit && to > BEGINNING; width *= GROWTH) {
    const from = Math.max(BEGINNING, to - width)
    const page = { filter: caseFilter(query, from, to), sort: NEWEST, limit: query.limit - found.length }
    found.push(...(await findMapped(parts.store, parts.permit, parts.place, page, parts.deadline)))
    to = from
  }
  return found
}

/** Made in this time. */
export function caseFilter({ keys, start, idPrefix }: CaseQuery, from: number, to: number) {
  const made = { p: 'authored', l: { $gte: new Date(from), $lt: new Date(to) } }
  const parts = [
    ...keys.map((key) => ({ k: key })),
    ...(idPrefix === undefined ? [] : [{ _id: { $gte: idPrefix, $lt: `${idPrefix}~` } }]),
    ...(start ? [afterStart(start)] : []),
  ]
  return { d: { $elemMatch: made }, ...(parts.length > 0 && { $and: parts }) }
}

function afterStart({ at, id }: Start) {
  const time = new Date(at)
  return { $or: [{ 'o.authored': { $lt: time } }, { 'o.authored': time, _id: { $gt: id } }] }
}
