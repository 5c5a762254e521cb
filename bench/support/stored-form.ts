/** A resource as the gateway keeps it, with all its search keys. */
import { searchKeys } from '../../src/r4/search-keys.ts'
import type { ResourceDocument } from '../../src/store/documents.ts'

export interface BenchResource {
  readonly resourceType: string
  readonly id: string
  readonly meta: { readonly lastUpdated: string }
  readonly [element: string]: unknown
}

export function storedForm(resource: BenchResource): ResourceDocument {
  const tt = `default/${resource.resourceType}`
  const own = { _id: `${tt}/${resource.id}`, t: 'default', tt, v: 1, u: new Date(resource.meta.lastUpdated) }
  return { ...own, deleted: false, body: JSON.stringify(resource), hash: '', ...searchKeys(resource) }
}
