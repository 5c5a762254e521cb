/** Resources that no source holds: stored as they were sent. */
import { hash, randomUUID } from 'node:crypto'
import type { Resource } from '@medplum/fhirtypes'
import type { ResourceDocument } from '../store/documents.ts'
import type { ResourceState, ResourceWrite } from '../store/projected.ts'
import { giverOf } from '../store/projected.ts'
import { tombstoneOf, versionOf } from './changes.ts'
import type { WriteScope } from './write-scope.ts'

/** Undefined when nothing changes. */
export function writeNative(
  { now, by }: WriteScope,
  id: string,
  stored: ResourceDocument | undefined,
  sent: Resource,
): ResourceWrite | undefined {
  const { resourceType, id: _id, meta = {}, ...elements } = sent
  const { versionId: _versionId, lastUpdated: _lastUpdated, ...rest } = meta
  const own = {
    resourceType,
    id: id.slice(id.lastIndexOf('/') + 1),
    ...(Object.keys(rest).length > 0 && { meta: rest }),
  }
  const resource = { ...own, ...elements }
  const text = JSON.stringify(resource)
  const digest = hash('sha256', text, 'base64').slice(0, 22)
  if (stored && !stored.deleted && stored.hash === digest) return undefined
  return versionOf(id, stateOf(stored), { text, hash: digest, resource, beside: undefined }, now, by)
}

export function deleteNative({ now, by }: WriteScope, stored: ResourceDocument): ResourceWrite {
  const written = { settle: new Map(), deleted: new Set([stored._id]), by }
  return tombstoneOf(stored._id, stateOf(stored), now, { claims: new Map(), written })
}

export function nativeId(tenant: string, type: string, id: string = randomUUID()): string {
  return `${tenant}/${type}/${id}`
}

function stateOf(stored: ResourceDocument | undefined): ResourceState | undefined {
  if (!stored) return undefined
  const { v, u, hash: digest, deleted, origin, beside, keyHash } = stored
  return { v, u, hash: digest, deleted, ...giverOf(origin), beside, keyHash }
}
