/**
 * Which mappings are in force. A folder that was not seen before is activated when the gateway starts; what was
 * activated or rolled back since (`isthmus mappings`) is followed by every gateway and worker while it runs.
 */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../config/config.ts'
import { StartError } from '../kernel/errors.ts'
import { readMappingSet, writeMappingSet } from '../mapping/mapping-set.ts'
import type { MappingSet } from '../mapping/mapping-set.ts'
import type { Store } from '../store/collections.ts'
import {
  activateMappings,
  keepMappings,
  readActiveMappings,
  readMappingSet as readKept,
} from '../store/mapping-sets.ts'
import type { Context } from './context.ts'
import { readContextWith } from './context.ts'
import { putOnRecord } from './on-record.ts'

const TICK = 1_000

/** The context with the mappings in force, and their hash. */
export interface InForce {
  readonly hash: string
  readonly context: Context
}

/** At the start: the folder's mappings, unless others were put in force since it was activated. */
export async function mappingsInForce(context: Context, store: Store): Promise<InForce> {
  const set = readMappingSet(context.config.mappings)
  const known = await readActiveMappings(store)
  if (known?.folder !== set.hash) await activateFolder(store, set, ' at the start')
  if (known?.folder !== set.hash || known.active === set.hash) return { hash: set.hash, context }
  return { hash: known.active, context: await keptContext(context.config, store, known.active) }
}

export async function activateFolder(store: Store, set: MappingSet, when = ''): Promise<void> {
  await putOnRecord(store, { tenant: 'default', kind: 'mappings', action: 'U', query: `activate ${set.hash}${when}` })
  await keepMappings(store, set)
  await activateMappings(store, set.hash, set.hash)
}

/** Beside a gateway that runs: what is in force there; nothing is activated by looking. */
export async function withMappingsInForce(context: Context, store: Store): Promise<Context> {
  const known = await readActiveMappings(store)
  if (!known || known.active === readMappingSet(context.config.mappings).hash) return context
  return keptContext(context.config, store, known.active)
}

/** With a set that is kept in the database: its systems are those of the configuration then. */
export async function keptContext({ dataDir }: Config, store: Store, hash: string): Promise<Context> {
  const set = await readKept(store, hash)
  if (!set)
    throw new StartError(`The mappings ${hash} are not kept in this database; "isthmus mappings" lists those that are.`)
  const folder = join(dataDir, 'mappings', hash)
  writeMappingSet({ hash, files: set.files }, folder)
  return readContextWith(folder)
}

export interface Follower {
  readonly change: (inForce: InForce) => Promise<void>
  readonly failed: (error: unknown) => void
}

/** Calls `change` whenever others come into force. A failure is the caller's to log; it is tried again. */
export async function followMappings(
  { context, hash }: InForce,
  store: Store,
  { change, failed }: Follower,
  stop: AbortSignal,
): Promise<void> {
  let current = hash
  while (!stop.aborted) {
    await sleep(TICK, undefined, { signal: stop }).catch(() => undefined)
    try {
      const known = await readActiveMappings(store)
      if (stop.aborted || !known || known.active === current) continue
      await change({ hash: known.active, context: await keptContext(context.config, store, known.active) })
      current = known.active
    } catch (error) {
      failed(error)
    }
  }
}
