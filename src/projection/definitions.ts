/**
 * The gateway's own definitions (profiles, code tables, …) as resources of every tenant, so that read, search and history
 * of them are those of any resource (docs/decisions/0004). What did not change makes no version.
 */
import { hash } from 'node:crypto'
import type { Resource } from '@medplum/fhirtypes'
import type { Origin } from '../store/documents.ts'
import type { ResourceState, ResourceWrite } from '../store/projected.ts'
import { readStates, writeChanges } from '../store/projected.ts'
import { advancePosition } from '../store/positions.ts'
import { readPublished, tenantsWithout, writePublished } from '../store/published.ts'
import { inTransaction } from '../store/transaction.ts'
import { changesOf, tombstoneOf, versionOf } from './changes.ts'
import type { Leader } from './commit.ts'
import { isThere } from './contents.ts'

/** In the place of the row: no database has this name. */
export const DEFINITIONS = '$definitions'

const ORIGIN: Origin = {
  instance: DEFINITIONS,
  collection: '',
  mapping: '',
  mappingHash: '',
  slot: '',
  row: DEFINITIONS,
}

export interface DefinitionSet {
  /** of all of them */
  readonly hash: string
  readonly definitions: readonly Definition[]
}

interface Definition {
  /** `<Type>/<id>` */
  readonly place: string
  readonly text: string
  readonly hash: string
  readonly resource: Resource
}

export function definitionSet(resources: readonly Resource[]): DefinitionSet {
  const definitions = resources.map((resource) => {
    const text = JSON.stringify(resource)
    return { place: `${resource.resourceType}/${resource.id ?? ''}`, text, hash: digest(text), resource }
  })
  return { hash: digest(definitions.map((each) => each.hash).join()), definitions }
}

function digest(text: string): string {
  return hash('sha256', text, 'base64').slice(0, 22)
}

/** Tenants that have other definitions, or none. */
export async function unpublished({ store, plan, definitions }: Leader): Promise<string[]> {
  const configured = [...plan.collections.values()].flatMap(({ source }) =>
    source.system.tenant ? [] : [source.tenant],
  )
  return tenantsWithout(store, ['default', ...configured], definitions.hash)
}

export async function publishDefinitions(leader: Leader, tenant: string): Promise<void> {
  const { store, lease, definitions: set, log } = leader
  const written = await inTransaction(leader.session, async (session) => {
    const before = await readPublished(store, tenant, session)
    const places = set.definitions.map(({ place }) => place)
    const all = new Set([...places, ...(before?.places ?? [])])
    const ids = [...all].map((place) => `${tenant}/${place}`)
    const states = await readStates(store, ids, session)
    const writes = writesOf(set, tenant, states, new Date())
    await writeChanges(store, changesOf(writes), session)
    await writePublished(store, tenant, { hash: set.hash, places }, session)
    await advancePosition(store, lease, undefined, session)
    return writes.length
  })
  log.info({ written }, 'the definitions of a tenant are current')
}

/** A resource that a row or a client made under the same id is left alone. */
function writesOf(
  set: DefinitionSet,
  tenant: string,
  states: ReadonlyMap<string, ResourceState>,
  now: Date,
): ResourceWrite[] {
  const wanted = new Set(set.definitions.map(({ place }) => `${tenant}/${place}`))
  const changed = set.definitions.flatMap((definition) => {
    const id = `${tenant}/${definition.place}`
    const state = states.get(id)
    const isCurrent = isThere(state) && state?.hash === definition.hash
    if (isCurrent || (state && state.row !== DEFINITIONS)) return []
    return [versionOf(id, state, { ...definition, beside: undefined, origin: ORIGIN }, now, undefined)]
  })
  const gone = [...states].flatMap(([id, state]) =>
    wanted.has(id) || !isThere(state) || state.row !== DEFINITIONS ? [] : [tombstoneOf(id, state, now)],
  )
  return [...changed, ...gone]
}
