/**
 * Which Consents deny something and which records are opened, of each tenant: read when it changed, and looked after at
 * most once a second, by the first request that comes.
 *
 * Whatever changes them counts up a number in its own transaction (`restrictions`). A gateway that changed something itself
 * looks at once. So nothing is decided by what was changed more than a second ago; where it cannot be looked up, the
 * request fails.
 */
import type { CareTeam, Consent, PractitionerRole } from '@medplum/fhirtypes'
import type { ClientSession } from 'mongodb'
import { teamIn } from '../access/actors.ts'
import type { Role, Team } from '../access/actors.ts'
import { consentRule } from '../access/consent-rules.ts'
import type { ConsentRule } from '../access/consent-rules.ts'
import type { Permit } from '../access/permit.ts'
import { openedFor, restricted } from '../access/restricted.ts'
import type { Restrictions } from '../access/restricted.ts'
import { parseJson } from '../r4/json.ts'
import { tokenKey } from '../r4/keys/text.ts'
import type { Store } from './collections.ts'

/** Types by which it is decided who sees what. */
const TYPES = new Set(['Consent', 'PractitionerRole', 'CareTeam'])
/** Milliseconds for which it is not looked again. */
const FRESH = 1_000
/** Numbers of a tenant, so that writers rarely meet. */
const SHARDS = 8

interface Known {
  /** sum of the numbers as it was read, and when it was looked at last */
  readonly count: number
  readonly checked: number
  readonly restrictions: Restrictions
}

interface Keeper {
  readonly known: Map<string, Known>
  readonly checks: Map<string, Promise<Known>>
}

const keepers = new WeakMap<Store, Keeper>()

function keeperOf(store: Store): Keeper {
  const keeper = keepers.get(store) ?? { known: new Map(), checks: new Map() }
  keepers.set(store, keeper)
  return keeper
}

/** What it permits just now. */
export async function currentPermit(store: Store, permit: Permit): Promise<Permit> {
  const { tenant, rules, holder } = permit
  return rules === 'everything' || !holder ? permit : restricted(permit, await restrictionsOf(store, tenant))
}

/** Patients (ids) whose record it opened just now, in an emergency. */
export async function openedTo(store: Store, { tenant, holder }: Permit): Promise<string[]> {
  return holder ? openedFor(holder, await restrictionsOf(store, tenant), Date.now()) : []
}

export async function restrictionsOf(store: Store, tenant: string): Promise<Restrictions> {
  const { known, checks } = keeperOf(store)
  const last = known.get(tenant)
  if (last && performance.now() - last.checked < FRESH) return last.restrictions
  let check = checks.get(tenant)
  if (!check) {
    check = look(store, tenant, last)
    checks.set(tenant, check)
    const own = check
    const isOwn = (): boolean => checks.get(tenant) === own && checks.delete(tenant)
    // Who has changed something meanwhile looks again (forget)
    own.then((found) => isOwn() && known.set(tenant, found)).catch(isOwn)
  }
  return (await check).restrictions
}

/** It was changed here: looked at before anything else is decided. */
export function forget(store: Store, tenant: string): void {
  const { known, checks } = keeperOf(store)
  const last = known.get(tenant)
  if (last) known.set(tenant, { ...last, checked: -Infinity })
  checks.delete(tenant)
}

/** Is it decided by resources of this type who sees what? */
export function restricts(type: string): boolean {
  return TYPES.has(type)
}

/** In the transaction of what changes it. */
export async function countChange(store: Store, tenants: Iterable<string>, session: ClientSession): Promise<void> {
  for (const tenant of new Set(tenants)) {
    const _id = `${tenant}/${Math.floor(Math.random() * SHARDS)}`
    await store.restrictions.updateOne({ _id }, { $inc: { n: 1 } }, { upsert: true, session })
  }
}

/** The number first: what is changed after that is read again the next time. */
async function look(store: Store, tenant: string, last: Known | undefined): Promise<Known> {
  const checked = performance.now()
  const numbers = await store.restrictions.find({ _id: { $gt: `${tenant}/`, $lt: `${tenant}0` } }).toArray()
  const count = numbers.reduce((sum, { n }) => sum + n, 0)
  if (last?.count === count) return { ...last, checked }
  return { count, checked, restrictions: await readRestrictions(store, tenant) }
}

/** What a Consent that denies something says in one form or another. */
const MAY_DENY = /"deny"|"OPTOUTE?"|"EMRGONLY"|"provision"/

async function readRestrictions(store: Store, tenant: string): Promise<Restrictions> {
  const active = { tt: `${tenant}/Consent`, k: tokenKey('status', undefined, 'active'), body: MAY_DENY }
  const bodies = await store.resources.find(active, { projection: { body: 1 } }).toArray()
  const consents = bodies.flatMap(({ body }): ConsentRule[] => {
    const rule = consentRule(parseJson(body) as unknown as Consent)
    return rule ? [rule] : []
  })
  const openings = await store.openings.find({ t: tenant, until: { $gt: new Date() } }).toArray()
  if (consents.length === 0) return { consents, openings, roles: [], teams: [] }
  const [roles, teams] = await Promise.all([readRoles(store, tenant), readTeams(store, tenant, consents)])
  return { consents, openings, roles, teams }
}

async function readRoles(store: Store, tenant: string): Promise<Role[]> {
  const found = await readAll<PractitionerRole>(store, tenant, 'PractitionerRole')
  return found.flatMap(([name, { active, practitioner, organization }]): Role[] => {
    if (active === false) return []
    const [who, where] = [practitioner?.reference, organization?.reference]
    return [
      { name, ...(who !== undefined && { practitioner: who }), ...(where !== undefined && { organization: where }) },
    ]
  })
}

/** None where nobody names one. */
async function readTeams(store: Store, tenant: string, consents: readonly ConsentRule[]): Promise<Team[]> {
  if (!JSON.stringify(consents).includes('"CareTeam/')) return []
  const found = await readAll<CareTeam>(store, tenant, 'CareTeam')
  return found.map(([name, team]) => teamIn(name, team))
}

/** With their names: `CareTeam/1`. */
async function readAll<T>(store: Store, tenant: string, type: string): Promise<[name: string, resource: T][]> {
  const all = { tt: `${tenant}/${type}`, deleted: false }
  const found = await store.resources.find(all, { projection: { body: 1 } }).toArray()
  return found.map(({ _id, body }) => [_id.slice(tenant.length + 1), parseJson(body) as unknown as T])
}
