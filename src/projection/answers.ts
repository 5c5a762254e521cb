/**
 * How rows and those that lean on them find each other: texts that a row answers to and that a lookup asks for.
 *
 * `<instance>.<collection>.<column>=<key>` for a lookup by a column, `<instance>.<collection>.*` for a reading of the
 * whole collection, `&<instance>/<key>` for the address of a tenant, `@` and `^` before the `_id` of a resource.
 */
import type { Row } from '../mapping/lens.ts'
import { keysOf } from '../store/source-rows.ts'
import type { CollectionPlan } from './plan.ts'

type Place = Pick<CollectionPlan, 'instance' | 'collection'>

export function lookup({ instance, collection }: Place, column: string, key: string): string {
  return `${instance}.${collection}.${column}=${key}`
}

export function wholeCollection({ instance, collection }: Place): string {
  return `${instance}.${collection}.*`
}

export function tenantAddress(instance: string, key: string): string {
  return `&${instance}/${key}`
}

/** Held by rows that refer to the resource: they change when it appears or goes. */
export function reference(resourceId: string): string {
  return `@${resourceId}`
}

/** Held by rows that give, or would give, the resource beside another row. */
export function alsoGiven(resourceId: string): string {
  return `^${resourceId}`
}

export function answersOf(plan: CollectionPlan, row: Row): string[] {
  const byColumn = plan.joinedBy.flatMap((column) => keysOf(row[column]).map((key) => lookup(plan, column, key)))
  return plan.joinedWhole ? [...byColumn, wholeCollection(plan)] : byColumn
}
