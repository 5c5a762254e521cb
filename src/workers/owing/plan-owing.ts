/** What is owed follows what is there: with every change of a resource, and of all of them where a clinic's wishes changed. */
import { hash } from 'node:crypto'
import type { ClientSession } from 'mongodb'
import { everythingOf } from '../../access/permit.ts'
import type { Change, Follower } from '../../store/outbox.ts'
import { setOwed } from '../../store/owed.ts'
import { plainIds, readPlain } from '../../store/plain-reads.ts'
import { readPlanned, writePlanned } from '../../store/planned.ts'
import { inTransaction } from '../../store/transaction.ts'
import type { Kind, KindParts } from './kind.ts'
import { clinicOf, sourcesWith } from './kind.ts'

const PAGE = 500

export function owingFollower(parts: KindParts, kinds: readonly Kind[], planned: () => void): Follower {
  return {
    async follow(changes, session) {
      const plan = parts.plan()
      let isAny = false
      for (const kind of kinds) {
        if (sourcesWith(plan, kind.name).length === 0) continue
        for (const [tenant, ids] of idsOf(kind, changes)) {
          await planOwing(parts, kind, { tenant, ids }, session)
          isAny = true
        }
      }
      return isAny ? planned : undefined
    },
  }
}

/** By tenant. */
function idsOf({ type }: Kind, changes: readonly Change[]): Map<string, string[]> {
  const byTenant = new Map<string, Set<string>>()
  for (const { id } of changes) {
    const [tenant = '', name] = id.split('/')
    if (name === type) byTenant.set(tenant, (byTenant.get(tenant) ?? new Set()).add(id))
  }
  return new Map([...byTenant].map(([tenant, ids]) => [tenant, [...ids]]))
}

async function planOwing(
  { store }: KindParts,
  kind: Kind,
  { tenant, ids }: { readonly tenant: string; readonly ids: readonly string[] },
  session: ClientSession,
): Promise<void> {
  const resources = await readPlain(store, everythingOf(tenant), ids, session)
  await setOwed(store, kind.name, ids, await kind.owing(tenant, resources, session), session)
}

/** Where the job was just switched on, or the clinic wishes something else: goes through what is there. */
export async function planAgain(parts: KindParts, kinds: readonly Kind[]): Promise<void> {
  for (const kind of kinds) {
    const planned = await readPlanned(parts.store, kind.name)
    for (const tenant of await tenantsWith(parts, kind)) {
      const wishes = await wishesOf(parts, kind, tenant)
      if (planned.get(tenant) === wishes) continue
      await planTenant(parts, kind, tenant)
      await writePlanned(parts.store, kind.name, tenant, wishes)
    }
  }
}

async function tenantsWith({ store, plan }: KindParts, kind: Kind): Promise<Set<string>> {
  const tenants = new Set<string>()
  for (const { system, tenant, database } of sourcesWith(plan(), kind.name)) {
    if (!system.tenant) tenants.add(tenant)
    else for await (const { _id } of store.tenants.find({ instance: database })) tenants.add(_id)
  }
  return tenants
}

async function wishesOf(parts: KindParts, { name }: Kind, tenant: string): Promise<string> {
  const { timeZone, reminders } = await clinicOf(parts, tenant)
  const sources = sourcesWith(parts.plan(), name).map(({ database, system }) => [database, system.jobs[name]])
  return hash('sha256', JSON.stringify([timeZone, reminders, sources])).slice(0, 16)
}

async function planTenant(parts: KindParts, kind: Kind, tenant: string): Promise<void> {
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
