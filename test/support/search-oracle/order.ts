/** What a resource is sorted by (R4 search.html#sort): of several values, the first or the last. */
import { parameterOf, type Resource } from './ask.ts'
import { textsOf, tokensOf } from './matches.ts'
import { amountOf, dateOf } from './ordered.ts'
import { folded } from './text.ts'
import { valuesOf, type Value } from './values.ts'

type Key = string | number

const keysOf: Readonly<Record<string, (value: Value) => (Key | undefined)[]>> = {
  string: (value) => textsOf(value).map(({ text }) => folded(text) || undefined),
  token: (value) => tokensOf(value).map(({ code }) => code as string | undefined),
  date: (value) => [dateOf(value)?.from],
  number: (value) => [amountOf(value)?.from],
  quantity: (value) => [amountOf(value)?.from],
}

export const sortable = Object.keys(keysOf)

/** All that it could be sorted by. */
export function sortKeys(resource: Resource, code: string): Key[] {
  const parameter = parameterOf(resource.resourceType, code)
  const keys = valuesOf(parameter, resource).flatMap((value) => keysOf[parameter.type]?.(value) ?? [])
  return [...new Set(keys.filter((key) => key !== undefined))].sort(compare)
}

/** Texts in the order of their bytes, and what has no value before all others. */
export function compare(one: Key | undefined, other: Key | undefined): number {
  if (one === other) return 0
  if (one === undefined || other === undefined) return one === undefined ? -1 : 1
  if (typeof one === 'number' && typeof other === 'number') return one - other
  return Buffer.compare(Buffer.from(String(one)), Buffer.from(String(other)))
}
