/** The tenants that sources have rows of. */
import type { Store } from '../store/collections.ts'
import type { Source } from './plan.ts'

export async function tenantsOf({ tenants }: Store, sources: readonly Source[]): Promise<Set<string>> {
  const found = new Set<string>()
  for (const { system, tenant, database } of sources) {
    if (!system.tenant) found.add(tenant)
    else for await (const { _id } of tenants.find({ instance: database }, { projection: { _id: 1 } })) found.add(_id)
  }
  return found
}
