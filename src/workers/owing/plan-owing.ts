/** What is owed follows what is there: with every change of a resource, and of all of them where a clinic's wishes changed. */
import { hash } from 'node:crypto'
import type { ClientSession } from 'mongodb'
import { everythingOf } from '../../access/permit.ts'
import type { Change, Follower } from '../../store/outbox.ts'
import { addOwed, setOwed } from '../../store/owed.ts'
import { plainIds, readPlain } from '../../store/plain-reads.ts'
import { readPlanned, writePlanned } from '../../store/planned.ts'
import { tenantsOf } from '../../projection/plan-tenants.ts'
import { inTransaction } from '../../store/transaction.ts'
import type { Kind, KindParts, NewsKind, PlannedKind } from './kind.ts'
import { clinicOf, sourcesWith } from './kind.ts'

const PAGE = 500

export function owingFollower(parts: KindParts, kinds: readonly Kind[], planned: () => void): Follower {
  return {
    name: 'reminders',
    async follow(changes, session) {
      const plan = parts.plan()
      let isAny = false
      for (const kind of kinds) {
        if (sourcesWith(plan, kind.job).length === 0) continue
        for (const [tenant, own] of changesOf(kind, changes)) {
          if ('news' in kind) await addNews(parts, kind, { tenant, changes: own }, session)
          else await planOwing(parts, kind, { tenant, ids: [...new Set(own.map(({ id }) => id))] }, session)
          isAny = true
        }
      }
      return isAny ? planned : undefined
    },
  }
}

/** By tenant. */
function changesOf({ type }: Kind, changes: readonly Change[]): Map<string, Change[]> {
  const own = changes.filter(({ id }) => id.split('/')[1] === type)
  return Map.groupBy(own, ({ id }) => id.slice(0, id.indexOf('/')))
}

async function addNews(
  { store }: KindParts,
  kind: NewsKind,
  { tenant, changes }: { readonly tenant: string; readonly changes: readonly Change[] },
  session: ClientSession,
): Promise<void> {
  await addOwed(store, await kind.news(tenant, changes, session), session)
}

async function planOwing(
  { store }: KindParts,
  kind: PlannedKind,
  { tenant, ids }: { readonly tenant: string; readonly ids: readonly string[] },
  session: ClientSession,
): Promise<void> {
  const resources = await readPlain(store, everythingOf(tenant), ids, session)
  const owing = await kind.owing(tenant, resources, session)
  if (kind.adds) await addOwed(store, owing, session)
  else await setOwed(store, kind.name, ids, owing, session)
}

/** Where the job was just switched on, or the clinic wishes something else: goes through what is there. */
export async function planAgain(parts: KindParts, kinds: readonly Kind[]): Promise<void> {
  for (const kind of kinds) {
    if ('news' in kind) continue
    const planned = await readPlanned(parts.store, kind.name)
    for (const tenant of await tenantsOf(parts.store, sourcesWith(parts.plan(), kind.job))) {
      const wishes = await wishesOf(parts, kind, tenant)
      if (planned.get(tenant) === wishes) continue
      await planTenant(parts, kind, tenant)
      await writePlanned(parts.store, kind.name, tenant, wishes)
    }
  }
}

async function wishesOf(parts: KindParts, { job }: Kind, tenant: string): Promise<string> {
  const { timeZone, reminders, digestAt } = await clinicOf(parts, tenant)
  const sources = sourcesWith(parts.plan(), job).map(({ database, system }) => [database, system.jobs[job]])
  return hash('sha256', JSON.stringify([timeZone, reminders, digestAt, sources])).slice(0, 16)
}

async function planTenant(parts: KindParts, kind: PlannedKind, tenant: string): Promise<void> {
  const session = parts.store.client.startSession()
  try {
    const pages = plainIds(parts.store, everythingOf(tenant), kind.type, kind.filter(new Date()), PAGE)
    for await (const ids of pages) {
      await inTransaction(session, () => planOwing(parts, kind, { tenant, ids }, session))
    }
  } finally {
    await session.endSession()
  }
}
