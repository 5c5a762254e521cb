/**
 * Code systems, value sets and concept maps as a tenant sees them: what is stored under a canonical is meant before what
 * the gateway was started with, for catalogues are rows (docs/profiles.md) and clients store their own.
 */
import type { ConceptMap, Resource } from '@medplum/fhirtypes'
import { GatewayError } from '../kernel/errors.ts'
import { parseJson } from '../r4/json.ts'
import { uriKey } from '../r4/keys/text.ts'
import type { Registry } from '../r4/registry.ts'
import type { Terminology } from '../r4/terminology/terminology.ts'
import { terminologyOf } from '../r4/terminology/terminology.ts'
import type { SearchReader } from '../store/search-reader.ts'
import type { FhirContext } from './context.ts'

export type TerminologyContext = Pick<FhirContext, 'permit' | 'registry' | 'terminology'> & {
  readonly reader: SearchReader
}

type Type = 'CodeSystem' | 'ValueSet' | 'ConceptMap'

/** What a question is about, or what that names. */
export interface Needed {
  readonly type: Type
  readonly canonical: string
}

interface StoredDefinition {
  /** with its version: another is another */
  readonly key: string
  readonly resource: Resource & { readonly url?: string; readonly version?: string }
}

type Seen = Map<string, { readonly need: Needed; readonly stored: StoredDefinition | undefined }>

/** A value set that names more is not computed. */
const MOST = 1_000
/** Views that are kept: each has what some tenant stored, ready to be asked. */
const KEPT = 50
const views = new WeakMap<Registry, Map<string, Terminology>>()

/** What answers a question about these: with whatever of it is stored, and all that it names. */
export async function terminologyFor(context: TerminologyContext, needed: readonly Needed[]): Promise<Terminology> {
  const seen: Seen = new Map()
  let open = needed
  while (open.length > 0) {
    const found = await storedDefinitions(context, open)
    for (const need of open) seen.set(placeOf(need), { need, stored: found.get(placeOf(need)) })
    if (seen.size > MOST) throw new GatewayError('GW_TOO_COSTLY', `More than ${MOST} value sets and systems are named.`)
    const named = open.flatMap((need) => referencesOf(found.get(placeOf(need))?.resource ?? loaded(context, need)))
    open = [...new Map(named.map((need) => [placeOf(need), need])).values()].filter((need) => !seen.has(placeOf(need)))
  }
  return viewOf(context, seen)
}

/** The concept maps of the tenant that map from or to a system. */
export async function conceptMapsFor(
  context: TerminologyContext,
  system: string,
  end: 'source' | 'target',
): Promise<ConceptMap[]> {
  const { permit, reader, terminology } = context
  const filter = { tt: `${permit.tenant}/ConceptMap`, deleted: false, k: uriKey(`${end}-system`, system) }
  const found = await reader.find(permit, { filter, sort: { u: -1 }, limit: MOST, fields: [] })
  const stored = found.map(({ body }) => parseJson(body.toString()) as unknown as ConceptMap)
  const own = new Set(stored.map(({ url }) => url))
  const others = terminology.conceptMaps().filter(({ url }) => !own.has(url))
  return [...stored, ...others.filter(({ group = [] }) => group.some((each) => isOf(each[end], system)))]
}

function isOf(named: string | undefined, system: string): boolean {
  return named?.replace(/\|.*/s, '') === system
}

function placeOf({ type, canonical }: Needed): string {
  return `${type} ${canonical}`
}

function loaded({ terminology }: TerminologyContext, { type, canonical }: Needed): Resource | undefined {
  return type === 'ValueSet' ? terminology.valueSet(canonical) : undefined
}

/** What a value set is made of. */
export function referencesOf(resource: Resource | undefined): Needed[] {
  if (resource?.resourceType !== 'ValueSet') return []
  const { include = [], exclude = [] } = resource.compose ?? {}
  return [...include, ...exclude].flatMap(({ system, version, valueSet = [] }) => [
    ...valueSet.map((canonical) => ({ type: 'ValueSet' as const, canonical })),
    ...(system === undefined ? [] : [{ type: 'CodeSystem' as const, canonical: system }]),
    ...(system === undefined || version === undefined
      ? []
      : [{ type: 'CodeSystem' as const, canonical: `${system}|${version}` }]),
  ])
}

// ── what is stored ───────────────────────────────────────────────────────────────────────────────

async function storedDefinitions(
  context: TerminologyContext,
  needed: readonly Needed[],
): Promise<Map<string, StoredDefinition>> {
  const byType = [...Map.groupBy(needed, ({ type }) => type)]
  const found = await Promise.all(byType.map(([type, needs]) => storedOfType(context, type, needs)))
  return new Map(found.flat())
}

/** The newest of those with the canonical, where it names no version. */
async function storedOfType(
  { permit, reader }: TerminologyContext,
  type: Type,
  needed: readonly Needed[],
): Promise<[string, StoredDefinition][]> {
  const keys = new Set(needed.map(({ canonical }) => uriKey('url', urlOf(canonical))))
  const filter = { tt: `${permit.tenant}/${type}`, deleted: false, k: { $in: [...keys] } }
  const found = await reader.find(permit, { filter, sort: { u: -1 }, limit: MOST, fields: [] })
  const stored = found.map(({ _id, v, body }) => {
    return { key: `${_id}/${v}`, resource: parseJson(body.toString()) as unknown as StoredDefinition['resource'] }
  })
  return needed.flatMap((need) => {
    const [url, version] = need.canonical.split('|')
    const one = stored.find(
      ({ resource }) => resource.url === url && (version === undefined || resource.version === version),
    )
    return one ? [[placeOf(need), one] satisfies [string, StoredDefinition]] : []
  })
}

function urlOf(canonical: string): string {
  return canonical.replace(/\|.*/s, '')
}

function viewOf({ registry, terminology }: TerminologyContext, seen: Seen): Terminology {
  const stored = new Map([...seen].flatMap(([place, { stored: one }]) => (one ? [[place, one]] : [])))
  if (stored.size === 0) return terminology
  const known = views.get(registry) ?? new Map<string, Terminology>()
  views.set(registry, known)
  const key = [...stored]
    .map(([place, one]) => `${place} ${one.key}`)
    .sort()
    .join('\n')
  const view = known.get(key) ?? terminologyOf(layered(registry, stored))
  known.delete(key)
  known.set(key, view)
  const [oldest] = known.size > KEPT ? known.keys() : []
  if (oldest !== undefined) known.delete(oldest)
  return view
}

function layered(registry: Registry, stored: ReadonlyMap<string, StoredDefinition>): Registry {
  return {
    find: (type, canonical) =>
      (stored.get(`${type} ${canonical}`)?.resource as never) ?? registry.find(type, canonical),
    all: (type) => registry.all(type),
  }
}
