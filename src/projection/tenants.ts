/**
 * Which tenant a row belongs to, and under which address (slug) a tenant is served.
 *
 * In a system with tenants, a row of its tenants collection makes the tenant; every other row names one. A row whose
 * tenant is not there is a problem and shows nowhere (contract: Addresses).
 */
import type { Row, SourceSystem } from '../mapping/lens.ts'
import type { TenantDocument } from '../store/documents.ts'
import { readTenants } from '../store/projected.ts'
import { keysOf } from '../store/source-rows.ts'
import { lookup, tenantAddress } from './answers.ts'
import type { BatchRow, Problem, Scope } from './batch.ts'
import { addProblem } from './batch.ts'
import type { CollectionPlan } from './plan.ts'

const SLUG = /^[a-z0-9-]{1,63}$/

export interface TenantChanges {
  readonly tenants: TenantDocument[]
  readonly goneTenants: string[]
  /** what rows of tenants that came, went or moved lean on */
  readonly moved: string[]
}

/** Gives every row its tenant, from what is known and what the batch itself brings. */
export async function assignTenants(scope: Scope, batch: readonly BatchRow[]): Promise<TenantChanges> {
  const changes: TenantChanges = { tenants: [], goneTenants: [], moved: [] }
  const groups = Map.groupBy(batch, ({ plan }) => (plan?.source.system.tenant ? plan.instance : ''))
  for (const row of groups.get('') ?? []) row.tenant = row.plan && { slug: row.plan.source.tenant }
  groups.delete('')
  for (const [instance, rows] of groups) await assignInstance(scope, instance, rows, changes)
  return changes
}

type Tenancy = NonNullable<SourceSystem['tenant']>
type Planned = BatchRow & { readonly plan: CollectionPlan }

async function assignInstance(
  scope: Scope,
  instance: string,
  batch: readonly BatchRow[],
  changes: TenantChanges,
): Promise<void> {
  const rows = batch as readonly Planned[]
  const tenancy = rows[0]?.plan.source.system.tenant as Tenancy
  const own = rows.filter(({ plan }) => plan.collection === tenancy.collection)
  const keys = new Set(
    rows.flatMap((row) => [tenantKey(tenancy, row), ...formerKeys(tenancy, row)]).filter((key) => key !== undefined),
  )
  const known = await readTenants(scope.store, { instance, keys: [...keys] }, scope.session)
  const byKey = new Map(known.map((tenant) => [tenant.key, tenant]))
  if (own.length > 0) await changeTenants(scope, tenancy, own, byKey, changes)
  for (const row of rows) assignRow(tenancy, row, byKey)
}

function assignRow(tenancy: Tenancy, row: Planned, byKey: ReadonlyMap<string, TenantDocument>): void {
  if (!row.row) return
  const key = tenantKey(tenancy, row)
  if (key !== undefined && row.plan.collection !== tenancy.collection) {
    row.deps.add(tenantAddress(row.plan.instance, key))
  }
  const tenant = key === undefined ? undefined : byKey.get(key)
  if (tenant) row.tenant = { slug: tenant._id, key: tenant.key }
  else addProblem(row, noTenant(tenancy, row, key))
}

function noTenant(tenancy: Tenancy, row: Planned, key: string | undefined): Problem {
  const column = columnOf(tenancy, row)
  const mapping = row.plan.lenses[0]?.name ?? row.plan.source.system.system
  const reason =
    key === undefined
      ? `the row has no ${column}`
      : `no row of ${tenancy.collection} makes a tenant with an address for its ${column}`
  return { mapping, rule: 'tenant', reason }
}

function columnOf({ collection, key, column }: Tenancy, { plan }: Planned): string {
  return plan.collection === collection ? key : column
}

function tenantKey(tenancy: Tenancy, row: Planned): string | undefined {
  return keysOf(row.row?.[columnOf(tenancy, row)])[0]
}

/** The keys a row of the tenants collection had when it was projected last. */
function formerKeys({ collection, key }: Tenancy, { plan, before }: Planned): string[] {
  if (plan.collection !== collection) return []
  const start = lookup(plan, key, '')
  return (before?.answers ?? [])
    .filter((answer) => answer.startsWith(start))
    .map((answer) => answer.slice(start.length))
}

async function changeTenants(
  scope: Scope,
  tenancy: Tenancy,
  own: readonly Planned[],
  byKey: Map<string, TenantDocument>,
  changes: TenantChanges,
): Promise<void> {
  const wanted = own.flatMap((row) =>
    row.row ? [...keysOf(row.row[tenancy.slug]), ...keysOf(row.row[tenancy.key])] : [],
  )
  const taken = await readTenants(scope.store, { slugs: wanted }, scope.session)
  const bySlug = new Map(taken.map((tenant) => [tenant._id, tenant]))
  const present = new Set(own.map((row) => tenantKey(tenancy, row)))
  for (const row of own) {
    for (const key of formerKeys(tenancy, row)) if (!present.has(key)) remove(row.plan.instance, key)
    const tenant = row.row && tenantOf(tenancy, row, row.row, bySlug)
    if (tenant) put(tenant)
  }

  function remove(instance: string, key: string): void {
    const gone = byKey.get(key)
    if (!gone) return
    byKey.delete(key)
    bySlug.delete(gone._id)
    changes.goneTenants.push(gone._id)
    changes.moved.push(tenantAddress(instance, key))
  }

  function put(tenant: TenantDocument): void {
    const before = byKey.get(tenant.key)
    if (before?._id !== tenant._id) {
      if (before) remove(before.instance, before.key)
      changes.moved.push(tenantAddress(tenant.instance, tenant.key))
    } else if (before.name === tenant.name) return
    byKey.set(tenant.key, tenant)
    bySlug.set(tenant._id, tenant)
    changes.tenants.push(tenant)
  }
}

/** The tenant under its slug, or under its key where the slug is no address or another's. */
function tenantOf(
  tenancy: Tenancy,
  row: Planned,
  fields: Row,
  bySlug: ReadonlyMap<string, TenantDocument>,
): TenantDocument | undefined {
  const key = tenantKey(tenancy, row)
  if (key === undefined) return undefined
  const { instance } = row.plan
  const isFree = (slug: string): boolean => {
    const holder = bySlug.get(slug)
    return slug !== 'default' && (!holder || (holder.instance === instance && holder.key === key))
  }
  const [slug = ''] = keysOf(fields[tenancy.slug])
  const address = SLUG.test(slug) && isFree(slug) ? slug : key
  if (!isFree(address)) return undefined
  const name = fields['name']
  return { _id: address, instance, key, name: typeof name === 'string' ? name : address }
}
