/** How many stored values are sealed under which key, and how many are in clear that a mapping seals. */
import type { Store } from '../store/collections.ts'
import { sealedResources, sealedVersions } from '../store/sealed-pages.ts'
import { secretsIn } from '../store/secret-fields.ts'
import type { Plan } from './plan.ts'
import type { SealedPart } from './sealed-parts.ts'
import { IN_CLEAR, partsOfResource, partsOfVersion, sealedPaths } from './sealed-parts.ts'

/** So many of one kind, in one collection. */
export interface SealedCount extends SealedPart {
  readonly collection: string
  readonly count: number
}

export async function countSealed(store: Store, plan: Plan): Promise<SealedCount[]> {
  const paths = sealedPaths(plan)
  const types = new Set(plan.sealed.keys())
  const counts = new Map<string, SealedCount>()
  const add = (collection: string, parts: readonly SealedPart[]): void => {
    for (const part of parts) {
      const name = [collection, part.field, part.kid].join('\n')
      counts.set(name, { collection, ...part, count: (counts.get(name)?.count ?? 0) + 1 })
    }
  }
  for await (const { found } of sealedResources(store, types)) {
    for (const each of found) add('resources', partsOfResource(store.seals, each, paths))
  }
  for await (const { found } of sealedVersions(store, types)) {
    for (const each of found) add('versions', partsOfVersion(each, paths))
  }
  for await (const { collection, path, kid = IN_CLEAR } of secretsIn(store)) add(collection, [{ field: path, kid }])
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, count]) => count)
}
