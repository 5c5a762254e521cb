/** Messages to people over a source server: what is owed, when it is due, and who sends it, to a receiver that counts. */
import { setTimeout as sleep } from 'node:timers/promises'
import { webhookChannel } from '../../src/channels/webhook.ts'
import { createLogger } from '../../src/kernel/logger.ts'
import { outbound } from '../../src/outbound/outbound.ts'
import type { WriteBack } from '../../src/projection/write-back.ts'
import { staffWaitlist } from '../../src/staff/api/operations/waitlist/by-itself.ts'
import type { Store } from '../../src/store/collections.ts'
import type { OwedDocument } from '../../src/store/owed.ts'
import { showing } from '../../src/workers/contacts.ts'
import { Due } from '../../src/workers/due.ts'
import { inApps } from '../../src/workers/owing/in-app.ts'
import type { KindParts } from '../../src/workers/owing/kind.ts'
import { clinicOf } from '../../src/workers/owing/kind.ts'
import { allKinds } from '../../src/workers/owing/kinds.ts'
import { personPost } from '../../src/workers/owing/person-post.ts'
import { owingFollower, planAgain } from '../../src/workers/owing/plan-owing.ts'
import { Relay } from '../../src/workers/relay.ts'
import { Sender } from '../../src/workers/sender.ts'
import { redisUrl } from './services.ts'

export interface OwingWorkers {
  start(): void
  stop(): Promise<void>
}

export const LOOPBACK = ['127.0.0.0/8']
const SECRET = `whsec_${Buffer.alloc(24, 7).toString('base64')}`

/** `receiver`: its address; it hears every message by a signed webhook. */
export function owingWorkers(writeBack: WriteBack, receiver: string, timeZone = 'UTC'): OwingWorkers {
  const { store, plan } = writeBack
  const log = createLogger('fatal')
  const place = { redisUrl: redisUrl(), database: store.db.databaseName }
  const parts: KindParts = {
    store,
    plan: () => plan,
    timeZoneOf: () => timeZone,
    waitlist: staffWaitlist(() => plan.base),
  }
  const kinds = allKinds(parts)
  const calls = outbound({ networks: LOOPBACK, connections: 16 })
  const email = webhookChannel({ code: 'email', url: receiver, secrets: [SECRET], outbound: calls })
  const post = personPost({
    channels: new Map([['email', email]]),
    contacts: ({ recipient }) => {
      const { telecom = [] } = recipient as { readonly telecom?: readonly { system?: string; value?: string }[] }
      return Promise.resolve(
        telecom.flatMap(({ system, value = '' }) =>
          system === 'email' ? [{ code: 'email' as const, to: value }] : [],
        ),
      )
    },
  })
  const due = new Due({ store, place, log, replan: () => planAgain(parts, kinds) })
  const all = [
    new Relay({ store, log, followers: [owingFollower(parts, kinds, () => due.wake())] }),
    due,
    new Sender({
      ...{ store, place, kinds, post, log },
      showInApp: inApps(parts, showing({ store })),
      clinicOf: (tenant) => clinicOf(parts, tenant),
      writeBack: () => writeBack,
    }),
  ]
  return {
    start() {
      for (const each of all) each.start()
    },
    async stop() {
      await Promise.all(all.map((each) => each.stop()))
      calls.close()
    },
  }
}

export async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await holds())) await sleep(20)
}

/** What is owed, or was, of a resource, in order of when. */
export async function owedOf({ owed }: Store, about: string): Promise<OwedDocument[]> {
  return owed.find({ about }).sort({ due: 1 }).toArray()
}
