/**
 * Which versions a Permit sees. They have no search keys, so it is told by what they say: both the version and the
 * resource as it is now (or as it was before it was deleted) must be allowed. What was the record of another patient once
 * stays theirs, and what was put right into the record of another shows nothing of what it was before.
 */
import type { Document, Filter } from 'mongodb'
import { SEEING, isAllowed, testsOf } from '../access/allowed.ts'
import type { Permit } from '../access/permit.ts'
import type { JsonObject } from '../r4/element-paths.ts'
import { parseJson } from '../r4/json.ts'
import { searchKeys } from '../r4/search-keys.ts'
import type { Store } from './collections.ts'
import type { VersionDocument } from './documents.ts'
import { permitted } from './permit-filter.ts'
import type { StoredVersion } from './version-reads.ts'

/** What the driver is given with each query. */
type Options = Document

export async function seenVersions(
  store: Store,
  permit: Permit,
  versions: readonly StoredVersion[],
  options: Options,
): Promise<StoredVersion[]> {
  const partly = new Set(versions.filter(({ tt }) => testsOf(permit, SEEING, typeOf(tt)) !== 'all'))
  if (partly.size === 0) return [...versions]
  const open = await seenResources(store, permit, new Set([...partly].map(resourceOf)), options)
  const seen: StoredVersion[] = []
  for (const version of versions) {
    const isPartly = partly.has(version)
    if (!isPartly || (open.has(resourceOf(version)) && (await isSeen(store, permit, version, options)))) {
      seen.push(version)
    }
  }
  return seen
}

/** Is the resource with this `_id` allowed as it is, or as it was before it was deleted? */
export async function seesResource(store: Store, permit: Permit, _id: string, options: Options): Promise<boolean> {
  const [, type = ''] = _id.split('/')
  if (testsOf(permit, SEEING, type) === 'all') return true
  const read = { ...options, projection: { _id: 1 } }
  const current = store.resources.findOne(permitted(permit, { _id }), read)
  const deleted = store.resources.findOne({ _id, deleted: true }, read)
  const [seen, gone, was] = await Promise.all([current, deleted, wasSeen(store, permit, _id, options)])
  return seen !== null || (gone !== null && was)
}

/** Is this version, of a resource that is? */
export async function seesVersion(
  store: Store,
  permit: Permit,
  version: StoredVersion,
  options: Options,
): Promise<boolean> {
  return testsOf(permit, SEEING, typeOf(version.tt)) === 'all' || isSeen(store, permit, version, options)
}

/** Of the resources with these `_id`s. */
async function seenResources(
  store: Store,
  permit: Permit,
  ids: ReadonlySet<string>,
  options: Options,
): Promise<Set<string>> {
  const named = { _id: { $in: [...ids] } }
  const projection = { _id: 1 } as const
  const current = await store.resources.find(permitted(permit, named), { ...options, projection }).toArray()
  const seen = new Set(current.map(({ _id }) => _id))
  const hidden = { _id: { $in: [...ids].filter((id) => !seen.has(id)) }, deleted: true }
  const deleted = await store.resources.find(hidden, { ...options, projection }).toArray()
  for (const { _id } of deleted) if (await wasSeen(store, permit, _id, options)) seen.add(_id)
  return seen
}

/** Of what is deleted: was it allowed as it was last? */
export async function wasSeen(store: Store, permit: Permit, id: string, options: Options): Promise<boolean> {
  return isAllowedText(permit, id, await lastText(store, { $gt: `${id}/`, $lt: `${id}0` }, options))
}

async function isSeen(store: Store, permit: Permit, version: StoredVersion, options: Options): Promise<boolean> {
  const { _id, method, body } = version
  const id = resourceOf(version)
  const text = method === 'DELETE' ? await lastText(store, { $gt: `${id}/`, $lt: _id }, options) : body
  return isAllowedText(permit, id, text)
}

/** Of the last version in the range that is no deletion. */
async function lastText({ versions }: Store, _id: object, options: Options): Promise<string | undefined> {
  const filter = { _id, body: { $ne: '' } } as Filter<VersionDocument>
  return (await versions.findOne(filter, { ...options, sort: { _id: -1 } }))?.body
}

/** Made of the sealed text: by what is sealed nothing is allowed. */
function isAllowedText(permit: Permit, resource: string, text: string | undefined): boolean {
  const [, type = '', id = ''] = resource.split('/')
  return text !== undefined && isAllowed(permit, SEEING, type, id, searchKeys(parseJson(text) as JsonObject))
}

export function resourceOf({ _id }: Pick<StoredVersion, '_id'>): string {
  return _id.slice(0, _id.lastIndexOf('/'))
}

function typeOf(tt: string): string {
  return tt.slice(tt.indexOf('/') + 1)
}
