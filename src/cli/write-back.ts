/** Through which rows are written while these mappings are in force. */
import { readRouting } from '../mapping/routing.ts'
import { planFor } from './sources.ts'
import type { WriteBack } from '../projection/write-back.ts'
import type { Store } from '../store/collections.ts'
import type { InForce } from './active-mappings.ts'

export function writeBackOf(store: Store, { hash: mappings, context }: InForce): WriteBack {
  return { store, plan: planFor(context), routing: readRouting(context.config.mappings), mappings }
}
