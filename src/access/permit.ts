/**
 * The Permit: what one request may do, of one tenant. A required argument of every read of the store, ANDed into every
 * query; plain data, so that a job in the background can be done with the rights of who asked for it.
 *
 * Rules add up, and none at all allow nothing. Tenants are absolute in any case.
 */
import { clearanceOf, isFullyCleared } from './clearance.ts'
import type { Credential } from './credential.ts'
import type { Denial } from './denial.ts'
import { isEverything, rulesOf } from './grant.ts'
import { holderOf, ownDenials } from './holder.ts'
import type { Holder } from './holder.ts'
import type { Condition } from './scope.ts'

export interface Permit {
  readonly tenant: string
  readonly rules: 'everything' | readonly Rule[]
  /** not even where a rule allows it */
  readonly denials?: readonly Denial[]
  /** who uses it, to whom Consents are held; none: nobody in particular, and nothing is denied */
  readonly holder?: Holder
}

export interface Rule {
  /** `*`: all */
  readonly type: string
  /** some of `cruds` */
  readonly letters: string
  /** only what is of these patients (ids), and what all share */
  readonly patients?: readonly string[]
  /** only this one: `Practitioner/1` */
  readonly name?: string
  readonly where: readonly Condition[]
}

/** One Permit a tenant: reads are gathered by Permit. */
const whole = new Map<string, Permit>()

/** Authorization is off, or the gateway's operator asks. */
export function everythingOf(tenant: string): Permit {
  let permit = whole.get(tenant)
  if (!permit) whole.set(tenant, (permit = { tenant, rules: 'everything' }))
  return permit
}

/** Permits that are kept. */
const MOST = 1_000
const permits = new Map<string, Permit>()

/** The same object for equal content. */
export function permitOf(credential: Credential): Permit {
  const { tenant } = credential
  const rules = rulesOf(credential)
  const clearance = clearanceOf(credential)
  if (rules.some(isEverything) && isFullyCleared(clearance)) return everythingOf(tenant)
  const holder = holderOf(credential, clearance)
  const key = JSON.stringify([tenant, rules, holder])
  const permit = permits.get(key) ?? { tenant, rules, holder, denials: ownDenials(holder) }
  permits.delete(key)
  permits.set(key, permit)
  const [oldest] = permits.size > MOST ? permits.keys() : []
  if (oldest !== undefined) permits.delete(oldest)
  return permit
}
