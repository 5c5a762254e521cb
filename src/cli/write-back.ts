/** Through which rows are written while these mappings are in force. */
import { readRouting } from '../mapping/routing.ts'
import { planFor } from './sources.ts'
import { StartError } from '../kernel/errors.ts'
import type { Plan } from '../projection/plan.ts'
import type { WriteBack } from '../projection/write-back.ts'
import type { Store } from '../store/collections.ts'
import type { InForce } from './active-mappings.ts'

export function writeBackOf(store: Store, { hash: mappings, context }: InForce): WriteBack {
  const plan = planFor(context)
  assertSealable(store, plan)
  return { store, plan, routing: readRouting(context.config.mappings), mappings }
}

/** Nothing is ever kept in clear for want of a key. */
function assertSealable({ seals }: Store, { sealed }: Plan): void {
  const [type] = sealed.keys()
  if (type === undefined || seals.kids.length > 0) return
  throw new StartError(
    `The mappings of ${type} name sealed fields, and there is no key to seal with: name a file in ISTHMUS_ENCRYPTION_KEYS.`,
  )
}
