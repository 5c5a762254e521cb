/**
 * Everything in `resources` and `versions` that holds sealed values or ought to: a walk along the ids of all documents, of
 * which MongoDB gives those that are meant. So each command looks through few, whatever lies between.
 */
import type { Collection, Filter } from 'mongodb'
import type { Store } from './collections.ts'
import type { ResourceDocument, VersionDocument } from './documents.ts'
import { resourceOf } from './sealed-bodies.ts'

/** Documents in which one command looks. */
const WINDOW = 1_000
const SEALED_TEXT = /\t"1\./
const SEALED_WHOLE = /^1\./

export type SealedResource = Pick<
  ResourceDocument,
  '_id' | 'v' | 'deleted' | 'body' | 'beside' | 'hash' | 'k' | 'origin'
>

export interface SealedVersion extends Pick<VersionDocument, '_id' | 'body'> {
  /** `_id` of its resource, to which its values are bound */
  readonly resource: string
  /** which gives the resource now, or gave it last */
  readonly mapping: string | undefined
}

export interface Page<T> {
  readonly found: readonly T[]
  /** documents that were passed since the page before */
  readonly passed: number
}

/** Of these types all are given. */
export async function* sealedResources(
  { resources }: Store,
  types: ReadonlySet<string>,
): AsyncGenerator<Page<SealedResource>> {
  const places = placesOf(await resources.distinct('tt'), types)
  const meant = { $or: [{ tt: { $in: places } }, { body: SEALED_TEXT }, { beside: SEALED_WHOLE }] }
  const projection = { v: 1, deleted: 1, body: 1, beside: 1, hash: 1, k: 1, origin: 1 } as const
  yield* pagesOf<ResourceDocument>(resources, meant, projection)
}

export async function* sealedVersions(store: Store, types: ReadonlySet<string>): AsyncGenerator<Page<SealedVersion>> {
  const places = placesOf(await store.versions.distinct('tt'), types)
  const meant = { $or: [{ tt: { $in: places } }, { body: SEALED_TEXT }] }
  for await (const { found, passed } of pagesOf<VersionDocument>(store.versions, meant, { body: 1 })) {
    const mappings = await mappingsOf(store, new Set(found.map(resourceOf)))
    const versions = found.map(({ _id, body }) => {
      const resource = resourceOf({ _id })
      return { _id, body, resource, mapping: mappings.get(resource) }
    })
    yield { found: versions, passed }
  }
}

/** `<tenant>/<Type>` of these types. */
function placesOf(all: readonly string[], types: ReadonlySet<string>): string[] {
  return all.filter((tt) => types.has(tt.slice(tt.indexOf('/') + 1)))
}

async function mappingsOf({ resources }: Store, ids: ReadonlySet<string>): Promise<Map<string, string | undefined>> {
  const found = await resources.find({ _id: { $in: [...ids] } }, { projection: { 'origin.mapping': 1 } }).toArray()
  return new Map(found.map(({ _id, origin }) => [_id, origin?.mapping]))
}

async function* pagesOf<T extends { readonly _id: string }>(
  collection: Collection<T>,
  meant: Filter<T>,
  projection: Readonly<Partial<Record<keyof T, 1>>>,
): AsyncGenerator<Page<T>> {
  let after = ''
  for (;;) {
    const ids = await collection
      .find({ _id: { $gt: after } } as Filter<T>, { projection: { _id: 1 } })
      .sort({ _id: 1 })
      .limit(WINDOW)
      .toArray()
    const last = ids.at(-1)?._id as string | undefined
    if (last === undefined) return
    const range = { _id: { $gt: after, $lte: last } } as Filter<T>
    const found = await collection.find({ $and: [range, meant] } as Filter<T>, { projection }).toArray()
    yield { found: found as unknown as T[], passed: ids.length }
    after = last
  }
}

export type ResourceReseal = Pick<SealedResource, '_id' | 'v'> & {
  readonly set: Partial<Omit<ResourceDocument, '_id' | 'v'>>
}

/** What was written meanwhile is sealed already: a version that is not there any more is left alone. */
export async function resealResources({ resources }: Store, changes: readonly ResourceReseal[]): Promise<void> {
  const updates = changes.map(({ _id, v, set }) => ({
    // Keys under another key are no longer what `keyHash` says
    updateOne: { filter: { _id, v }, update: { $set: set, $unset: { keyHash: 1 } as const } },
  }))
  if (updates.length > 0) await resources.bulkWrite(updates, { ordered: false })
}

export async function resealVersions(
  { versions }: Store,
  changes: readonly Pick<VersionDocument, '_id' | 'body'>[],
): Promise<void> {
  const updates = changes.map(({ _id, body }) => ({ updateOne: { filter: { _id }, update: { $set: { body } } } }))
  if (updates.length > 0) await versions.bulkWrite(updates, { ordered: false })
}
