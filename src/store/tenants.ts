/** Which tenants there are. `default` always is; what was found is believed for five seconds, what was not is asked again. */
import type { Collection } from 'mongodb'
import { withDeadline } from './deadline.ts'
import type { TenantDocument } from './documents.ts'

export type TenantExists = (slug: string) => Promise<boolean>

const BELIEVED = 5_000
const MOST = 10_000
const slugPattern = /^[a-z0-9-]{1,63}$/

export function createTenantDirectory(tenants: Collection<TenantDocument>): TenantExists {
  const seen = new Map<string, number>()
  return async (slug) => {
    if (slug === 'default') return true
    if (!slugPattern.test(slug)) return false
    if (Date.now() - (seen.get(slug) ?? -Infinity) < BELIEVED) return true
    const tenant = await withDeadline((deadline) =>
      tenants.findOne({ _id: slug }, { projection: { _id: 1 }, ...deadline }),
    )
    if (tenant === null) return seen.delete(slug) && false
    if (seen.size >= MOST) seen.clear()
    seen.set(slug, Date.now())
    return true
  }
}
