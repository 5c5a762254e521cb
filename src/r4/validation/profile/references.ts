/** What a reference points at, as far as it can be told here: by its text, its type, or because it is in reach. */
import { parseReference } from '../../references.ts'
import { childrenOf, isJsonObject, type Item } from '../fhirpath/items.ts'
import type { Walk } from '../finding.ts'

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
export function referred({ root, resource }: Walk, { value }: Item): Item | undefined {
  const text = isJsonObject(value) ? value['reference'] : value
  if (typeof text !== 'string') return undefined
  if (text.startsWith('#')) return containedIn(resource, text.slice(1)) ?? containedIn(root, text.slice(1))
  if (root.type !== 'Bundle') return undefined
  const entry = childrenOf([root], 'entry').find(({ value: each }) => {
    const url = isJsonObject(each) ? each['fullUrl'] : undefined
    return typeof url === 'string' && (url === text || (parseReference(text)?.base === '' && url.endsWith(`/${text}`)))
  })
  return entry && childrenOf([entry], 'resource')[0]
}

function containedIn(resource: Item, id: string): Item | undefined {
  return childrenOf([resource], 'contained').find(({ value }) => isJsonObject(value) && value['id'] === id)
}
