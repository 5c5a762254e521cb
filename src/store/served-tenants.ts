/** Which tenants have an address: those of the configuration, and those that source rows made. */
import type { Store } from './collections.ts'
import type { TenantDocument } from './documents.ts'

/** A tenant that was there a moment ago need not be asked for again; one that was not is asked for each time. */
const REMEMBERED = 1_000

export function servedTenants(store: Store, configured: readonly string[]): (slug: string) => Promise<boolean> {
  const always = new Set(configured)
  const seen = new Map<string, number>()
  return async (slug) => {
    if (always.has(slug) || (seen.get(slug) ?? 0) > Date.now()) return true
    const there = (await store.tenants.findOne({ _id: slug }, { projection: { _id: 1 } })) !== null
    if (there) seen.set(slug, Date.now() + REMEMBERED)
    else seen.delete(slug)
    return there
  }
}

/** Of a row of a source; undefined: of the configuration, or not there. */
export async function readTenant({ tenants }: Store, slug: string): Promise<TenantDocument | undefined> {
  return (await tenants.findOne({ _id: slug })) ?? undefined
}
