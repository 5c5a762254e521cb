/** Conditions on search keys as MongoDB filters, each one range of an index of resource-indexes.ts. */
import type { Filter } from 'mongodb'
import type { Permit } from '../access/permit.ts'
import type { Bounds, Condition } from '../r4/search-condition.ts'
import type { ResourceDocument } from './documents.ts'

export type ResourceFilter = Filter<ResourceDocument>

/**
 * What the Permit shows of one type and `conditions` hold of; undefined when it shows nothing.
 *
 * Tombstones have no keys, so only a search without a condition on keys must say that it does not want them.
 */
export function resourceFilter(
  permit: Permit,
  type: string,
  conditions: readonly Condition[],
): ResourceFilter | undefined {
  const permitted = permit.conditions(type)
  if (permitted === undefined) return undefined
  const tt = `${permit.tenant}/${type}`
  const all = [...permitted, ...conditions]
  const filters = all.map((condition) => conditionFilter(condition, tt))
  return {
    tt,
    ...(!all.some(needsKeys) && { deleted: false }),
    ...(filters.length > 0 && { $and: filters }),
  } as ResourceFilter
}

export function conditionFilter(condition: Condition, tt: string): ResourceFilter {
  switch (condition.kind) {
    case 'key':
      return { k: oneOf([...(condition.texts ?? []), ...(condition.prefixes ?? []).map(beginsWith)]) } as ResourceFilter
    case 'date':
      return { d: { $elemMatch: intervalFilter(condition) } } as ResourceFilter
    case 'number':
      return { n: { $elemMatch: { ...intervalFilter(condition), ...unitFilter(condition) } } } as ResourceFilter
    case 'id':
      return { _id: oneOf(condition.ids.map((id) => `${tt}/${id}`)) } as ResourceFilter
    case 'updated':
      return { u: operators(condition.bounds) } as ResourceFilter
    case 'any':
      return { $or: condition.of.map((each) => conditionFilter(each, tt)) }
  }
}

function needsKeys(condition: Condition): boolean {
  if (condition.kind === 'any') return condition.of.every(needsKeys)
  return condition.kind !== 'id' && condition.kind !== 'updated'
}

function oneOf(values: readonly (string | RegExp)[]): unknown {
  return values.length === 1 ? values[0] : { $in: values }
}

/** An anchored regular expression is one range of a multikey index; `$gte` with `$lt` would be two half-open ones. */
function beginsWith(text: string): RegExp {
  return new RegExp(`^${text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')}`)
}

function intervalFilter({
  parameter,
  low,
  high,
}: {
  parameter: string
  low?: Bounds<unknown>
  high?: Bounds<unknown>
}): object {
  return { p: parameter, ...(low && { l: operators(low) }), ...(high && { h: operators(high) }) }
}

function operators(bounds: Bounds<unknown>): object {
  return Object.fromEntries(Object.entries(bounds).map(([name, value]) => [`$${name}`, value as unknown]))
}

function unitFilter({ system, unit }: { system?: string; unit?: string }): object {
  if (system !== undefined) return unit === undefined ? { s: system } : { s: system, c: unit }
  return unit === undefined ? {} : { $or: [{ c: unit }, { u: unit }] }
}
