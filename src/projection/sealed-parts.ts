/** What of a stored document is sealed under which key, and what of it a mapping seals and is in clear all the same. */
import type { Lens } from '../mapping/lens.ts'
import { sealedPlaces } from '../mapping/sealed.ts'
import { parseJson } from '../r4/json.ts'
import { elementOf, sealedIn } from '../seal/sealed-text.ts'
import type { Seals } from '../seal/seals.ts'
import { kidOf } from '../seal/seals.ts'
import type { SealedResource, SealedVersion } from '../store/sealed-pages.ts'
import type { Plan } from './plan.ts'

/** In the place of a key's name. */
export const IN_CLEAR = 'clear'

export interface SealedPart {
  /** `Coverage.identifier.value`; of the gateway's own secrets the member they are in */
  readonly field: string
  readonly kid: string
}

/** What lenses seal, by the name of their mapping. */
export type SealedPaths = ReadonlyMap<string, Lens['sealed']>

export function sealedPaths({ collections }: Plan): SealedPaths {
  const lenses = [...collections.values()].flatMap((each) => each.lenses)
  return new Map(lenses.flatMap(({ name, sealed }) => (sealed.length > 0 ? [[name, sealed] as const] : [])))
}

export function pathsOf(paths: SealedPaths, { origin }: Pick<SealedResource, 'origin'>): Lens['sealed'] {
  return paths.get(origin?.mapping ?? '') ?? []
}

/** Where the text is to be sealed and is not. */
export function clearPlaces(text: string, paths: Lens['sealed']): Set<string> {
  if (text === '' || paths.length === 0) return new Set()
  const sealed = new Set(sealedIn(text).map(({ path }) => path))
  return sealedPlaces(parseJson(text) as object, paths).difference(sealed)
}

export function partsOfVersion(
  { resource, body, mapping = '' }: Omit<SealedVersion, '_id'>,
  paths: SealedPaths,
): SealedPart[] {
  const field = (path: string): string => `${typeOf(resource)}.${elementOf(path)}`
  return [
    ...sealedIn(body).map(({ path, kid }) => ({ field: field(path), kid })),
    ...[...clearPlaces(body, paths.get(mapping) ?? [])].map((path) => ({ field: field(path), kid: IN_CLEAR })),
  ]
}

/** Beside the values of its text: what clients wrote beside its row, its hash, and the blind indexes it is found by. */
export function partsOfResource(seals: Seals, resource: SealedResource, paths: SealedPaths): SealedPart[] {
  const { _id, body, beside, hash, k, origin } = resource
  const own = pathsOf(paths, resource)
  const inText = partsOfVersion({ resource: _id, body, mapping: origin?.mapping }, paths)
  // A key that is not configured is known by what it sealed
  const kids = new Set([...seals.kids, ...inText.map(({ kid }) => kid)])
  const others: (readonly [string, string | undefined])[] = [
    ['written beside its row', beside === undefined ? undefined : besideKid(beside, own)],
    ['hash', HASH.exec(hash)?.[1]],
    ...[...kids].map((kid) => ['blind index', isFoundBy(k, kid) ? kid : undefined] as const),
  ]
  const type = typeOf(_id)
  return [
    ...inText,
    ...others.flatMap(([name, kid]) => (kid === undefined ? [] : [{ field: `${type} (${name})`, kid }])),
  ]
}

/** As contents.ts makes it, of a resource some of which is sealed. */
const HASH = /^([\w-]{8})\./

function besideKid(beside: string, paths: Lens['sealed']): string | undefined {
  return kidOf(beside) ?? (paths.length > 0 ? IN_CLEAR : undefined)
}

/** Some search keys are folded. */
function isFoundBy(keys: readonly string[], kid: string): boolean {
  const [asItIs, folded] = [`~${kid}.`, `~${kid.toLowerCase()}.`]
  return keys.some((key) => key.includes(asItIs) || key.includes(folded))
}

function typeOf(id: string): string {
  return id.split('/')[1] ?? ''
}
