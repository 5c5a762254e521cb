/** What a reference points at, as far as it can be told here: by its text, its type, or because it is in reach. */
import { parseReference } from '../references.ts'
import { childrenOf, isJsonObject, type Item } from './fhirpath/items.ts'
import type { Walk } from './finding.ts'

export function referredType(walk: Walk, reference: Item): string | undefined {
  const { value } = reference
  if (!isJsonObject(value)) return undefined
  const inReach = referred(walk, reference)
  if (inReach) return inReach.type
  const text = value['reference']
  const own = typeof value['type'] === 'string' ? value['type'] : undefined
  return (typeof text === 'string' ? parseReference(text)?.type : undefined) ?? own
}

/** A contained resource, or another entry of the Bundle around (R4 bundle.html#references). */
export function referred({ root, resource }: Pick<Walk, 'root' | 'resource'>, { value }: Item): Item | undefined {
  const text = isJsonObject(value) ? value['reference'] : value
  if (typeof text !== 'string') return undefined
  if (!text.startsWith('#')) return root.type === 'Bundle' ? entriesOf(root).get(text) : undefined
  return containedIn(resource).get(text.slice(1)) ?? containedIn(root).get(text.slice(1))
}

const containedIn = byName((resource) =>
  childrenOf([resource], 'contained').flatMap((each): Named[] => {
    const id = isJsonObject(each.value) ? each.value['id'] : undefined
    return typeof id === 'string' ? [[id, each]] : []
  }),
)

/** By their addresses, whole and as a relative reference says them. */
const entriesOf = byName((bundle) =>
  childrenOf([bundle], 'entry').flatMap((entry): Named[] => {
    const url = isJsonObject(entry.value) ? entry.value['fullUrl'] : undefined
    const [resource] = childrenOf([entry], 'resource')
    if (typeof url !== 'string' || !resource) return []
    const base = parseReference(url)?.base ?? ''
    return base === '' ? [[url, resource]] : [url, url.slice(base.length)].map((name) => [name, resource])
  }),
)

type Named = readonly [name: string, item: Item]

/** Made once for a resource, however many references in it ask; of two by one name the first. */
function byName(list: (item: Item) => Named[]): (item: Item) => ReadonlyMap<string, Item> {
  const known = new WeakMap<Item, ReadonlyMap<string, Item>>()
  return (item) => {
    const names = known.get(item) ?? new Map(list(item).reverse())
    known.set(item, names)
    return names
  }
}
