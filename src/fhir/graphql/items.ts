/** The items of a repeating element, as its arguments choose: `name(use: "official", _count: 1)`. */
import { numberOf } from '../../r4/json.ts'
import type { Json, QueryContext } from './resource.ts'

type Given = Readonly<Record<string, unknown>>

export function itemsOf(name: string): (source: Json, given: Given, context: QueryContext) => unknown {
  return (source, { _count, _offset, ...values }) => {
    const list = source[name] as readonly Json[] | undefined
    if (!list) return undefined
    const wanted = Object.entries(values)
    const chosen =
      wanted.length === 0 ? list : list.filter((item) => wanted.every(([key, value]) => isSame(item[key], value)))
    const start = typeof _offset === 'number' ? _offset : 0
    return typeof _count === 'number' ? chosen.slice(start, start + _count) : chosen.slice(start)
  }
}

/** A repeating primitive has the value among its items. */
function isSame(value: unknown, wanted: unknown): boolean {
  if (Array.isArray(value)) return value.some((each) => isSame(each, wanted))
  return typeof wanted === 'string' && typeof value !== 'string' ? numberOf(value) === Number(wanted) : value === wanted
}
