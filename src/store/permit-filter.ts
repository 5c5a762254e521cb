/**
 * Whose and which documents a query may see: ANDed into every one. The one place where a Permit becomes a predicate of
 * MongoDB; it asks nothing but what documents are found by anyway (their search keys).
 */
import type { Filter } from 'mongodb'
import type { KeyTest } from '../access/key-test.ts'
import type { Permit } from '../access/permit.ts'
import { testsOf } from '../access/allowed.ts'
import { resourceTypes } from '../r4/elements.ts'
import type { ResourceDocument } from './documents.ts'

type Predicate = Filter<ResourceDocument>

/** Who may search or read a resource sees it; a Permit narrowed to one letter (`only`) says which of both. */
export const SEEING = 'rs'

/**
 * Without rules nothing but the tenant is asked. `filter`: what is asked beside it, which may say what types are in
 * question; the predicate holds without it too.
 */
export function permitFilter(permit: Permit, filter: object = {}): Predicate {
  const { tenant: t, rules } = permit
  return rules === 'everything' ? { t } : { t, ...allowed(permit, filter) }
}

/** The same in a form that indexes hold, so that counting looks at no document (`0` comes after `/`). */
export function permitRange(permit: Permit, filter: object = {}): Predicate {
  const { tenant, rules } = permit
  const range = { tt: { $gte: `${tenant}/`, $lt: `${tenant}0` } }
  return rules === 'everything' ? range : { $and: [range, allowed(permit, filter)] }
}

/** The types of which something may be seen; `all`: everything. `isWhole`: all that is of the type. */
export function placesSeen(
  permit: Permit,
  filter: object,
): 'all' | readonly { readonly tt: string; readonly isWhole: boolean }[] {
  const { tenant, rules } = permit
  if (rules === 'everything') return 'all'
  return (typesIn(filter) ?? resourceTypes).flatMap((type) => {
    const tests = testsOf(permit, SEEING, type)
    return tests.length === 0 ? [] : [{ tt: `${tenant}/${type}`, isWhole: tests === 'all' }]
  })
}

function allowed(permit: Permit, filter: object): Predicate {
  const named = typesIn(filter)
  const types = named ?? resourceTypes
  const groups = Map.groupBy(types, (type) => JSON.stringify(testsOf(permit, SEEING, type)))
  const branches = [...groups.values()].flatMap((group) => branchOf(permit, group, named?.length === 1))
  if (branches.length === 0) return { _id: { $in: [] } }
  return branches.length === 1 ? (branches[0] as Predicate) : { $or: branches }
}

/** Types of which the same is asked; `isNamed`: the query says already that it is of this one. */
function branchOf(permit: Permit, types: readonly string[], isNamed: boolean): Predicate[] {
  const tests = testsOf(permit, SEEING, types[0] ?? '')
  if (tests.length === 0) return []
  if (tests === 'all' && types.length === resourceTypes.length) return [{}]
  const tt = types.map((type) => `${permit.tenant}/${type}`)
  const place = isNamed ? {} : { tt: tt.length === 1 ? (tt[0] as string) : { $in: tt } }
  if (tests === 'all') return [place]
  const [first = {}, ...others] = tests.map((test) => testFilter(permit.tenant, test))
  return [{ ...place, ...(others.length === 0 ? first : { $or: [first, ...others] }) }]
}

function testFilter(tenant: string, { names, some, none }: KeyTest): Predicate {
  const parts: Predicate[] = [
    ...(names ? [{ _id: { $in: names.map((name) => `${tenant}/${name}`) } }] : []),
    ...some.map((keys) => ({ k: { $in: [...keys] } })),
    ...none.map(({ from, to, except }) => ({
      $nor: [{ k: { $elemMatch: { $gte: from, $lt: to, $nin: [...except] } } }],
    })),
  ]
  return parts.length === 1 ? (parts[0] as Predicate) : { $and: parts }
}

function isBetween(value: unknown): value is { readonly $gte: string; readonly $lt: string } {
  const { $gte, $lt } = (value ?? {}) as { readonly $gte?: unknown; readonly $lt?: unknown }
  return typeof $gte === 'string' && typeof $lt === 'string'
}

/** What must hold anyway says of which types everything is that is found; undefined: it does not. */
function typesIn(filter: object): string[] | undefined {
  for (const [field, value] of Object.entries(filter)) {
    const found =
      field === '$and'
        ? (value as object[]).map(typesIn).find((types) => types !== undefined)
        : field === 'tt' || field === '_id'
          ? typesOf(value)
          : undefined
    if (found) return found
  }
  return undefined
}

/** Of `<tenant>/<Type>` and `<tenant>/<Type>/<id>`, and of what begins with one of the latter. */
function typesOf(value: unknown): string[] | undefined {
  if (isBetween(value)) {
    const [from, to] = [value.$gte, value.$lt].map((text) => text.split('/'))
    return from?.[2] !== undefined && to?.[2] !== undefined && from[1] === to[1] ? [from[1] as string] : undefined
  }
  const texts: unknown = typeof value === 'object' && value && '$in' in value ? value.$in : [value]
  if (!Array.isArray(texts) || !texts.every((each) => typeof each === 'string')) return undefined
  return [...new Set(texts.map((text) => text.split('/')[1] ?? ''))]
}
