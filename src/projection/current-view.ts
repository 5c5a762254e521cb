/** Reads a mapped resource beside its rows, as they are now, on one snapshot. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Permit } from '../access/permit.ts'
import { GatewayError } from '../kernel/errors.ts'
import type { ResourceDocument } from '../store/documents.ts'
import { permitted } from '../store/permit-filter.ts'
import { at } from '../store/reads.ts'
import { opened } from '../store/sealed-bodies.ts'
import { onSnapshot, withSession } from '../store/transaction.ts'
import type { Scope } from './batch.ts'
import { BehindError } from './write-scope.ts'

const MOST_TRIES = 40
const PAUSE = 50

/** Undefined when there is no such resource, or it is deleted. `work` may run several times. */
export async function onCurrent<T>(
  tools: Omit<Scope, 'session'>,
  permit: Permit,
  reference: string,
  work: (scope: Scope, stored: ResourceDocument) => Promise<T>,
): Promise<T | undefined> {
  const _id = `${permit.tenant}/${reference}`
  for (let tries = 1; ; tries++) {
    try {
      return await withSession(tools.store, (session) =>
        onSnapshot(session, async () => {
          const stored = await tools.store.resources.findOne(permitted(permit, { _id }), at(session))
          return stored && !stored.deleted ? work({ ...tools, session }, opened(tools.store, stored)) : undefined
        }),
      )
    } catch (error) {
      if (!(error instanceof BehindError)) throw error
      // The row has changed a moment ago: what is stored does not say so yet
      if (tries >= MOST_TRIES) throw new GatewayError('GW_CONFLICT', 'The source row keeps changing; try again.')
      await sleep(PAUSE)
    }
  }
}
