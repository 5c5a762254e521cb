/** A sent resource as a mapping's rules understand it: a name or address without a use is the one they speak of. */
import type { Resource } from '@medplum/fhirtypes'
import type { Json } from './beside.ts'
import { isObject } from './beside.ts'
import { fits } from './element-value.ts'
import type { Owned, OwnedItem } from './ownership.ts'

export function understand(owned: Owned, sent: Resource): Resource {
  let result = sent as unknown as Json
  for (const [name, { items }] of owned.fields) {
    const list = result[name]
    if (Array.isArray(list)) result = { ...result, [name]: items.reduce<unknown[]>(withUse, list) }
  }
  return result as unknown as Resource
}

/** `name[use=official]`: where no name is the official one, the first without a use is. */
function withUse(list: unknown[], { selector }: OwnedItem): unknown[] {
  if (selector.kind !== 'match' || list.some((item) => fits(item, selector.tests))) return list
  const [test] = selector.tests
  if (selector.tests.length !== 1 || test?.path.join('.') !== 'use') return list
  const index = list.findIndex((item) => isObject(item) && item['use'] === undefined)
  return index < 0 ? list : list.with(index, { use: test.value, ...(list[index] as Json) })
}
