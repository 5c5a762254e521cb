/** One resource or version sealed anew under the first key; undefined where it is sealed so. */
import { parseJson } from '../r4/json.ts'
import type { JsonObject } from '../r4/element-paths.ts'
import { searchKeys } from '../r4/search-keys.ts'
import { blindText, openText, placesIn, sealText } from '../seal/sealed-text.ts'
import type { Seals } from '../seal/seals.ts'
import { openBeside, sealedBeside } from '../store/sealed-bodies.ts'
import type { ResourceReseal, SealedResource, SealedVersion } from '../store/sealed-pages.ts'
import { sealedHashes } from './contents.ts'
import type { SealedPaths } from './sealed-parts.ts'
import { clearPlaces, partsOfResource, partsOfVersion, pathsOf } from './sealed-parts.ts'
import { withoutMeta } from './version-meta.ts'

export function resealedResource(
  seals: Seals,
  resource: SealedResource,
  paths: SealedPaths,
): ResourceReseal | undefined {
  const { _id, v, deleted, body, beside } = resource
  if (partsOfResource(seals, resource, paths).every(({ kid }) => kid === seals.kids[0])) return undefined
  const besides =
    beside === undefined ? {} : { beside: sealedBeside(seals, _id, openBeside({ seals }, _id, beside) ?? '') }
  if (deleted) return { _id, v, set: besides }
  const places = placesIn(body).union(clearPlaces(body, pathsOf(paths, resource)))
  const text = openText(seals, _id, body)
  const [hash = ''] = sealedHashes(seals, _id, withoutMeta(text))
  const keys = searchKeys(parseJson(blindText(seals, _id, text, places)) as JsonObject)
  return { _id, v, set: { body: sealText(seals, _id, text, places), hash, ...besides, ...keys } }
}

export function resealedVersion(
  seals: Seals,
  version: SealedVersion,
  paths: SealedPaths,
): Pick<SealedVersion, '_id' | 'body'> | undefined {
  if (partsOfVersion(version, paths).every(({ kid }) => kid === seals.kids[0])) return undefined
  const { _id, resource, body, mapping = '' } = version
  const places = placesIn(body).union(clearPlaces(body, paths.get(mapping) ?? []))
  return { _id, body: sealText(seals, resource, openText(seals, resource, body), places) }
}
