/**
 * What a request may see. Every call of the store takes a Permit and asks it before it asks the database: no Permit, no
 * query. What no Permit names is denied.
 */
import type { Condition } from '../r4/search-condition.ts'

export interface Permit {
  readonly tenant: string
  /** All of these must hold of a resource of this type; undefined: nothing of this type may be seen. */
  conditions(type: string): readonly Condition[] | undefined
  /** True when it sees all types whole: only then can types be asked for together. */
  readonly wholeTenant: boolean
}

const none: readonly Condition[] = []

/** One object a tenant, because reads are gathered by Permit. */
const whole = new Map<string, Permit>()

/** Without authorization: everything of one tenant. */
export function everythingOf(tenant: string): Permit {
  const known = whole.get(tenant)
  if (known !== undefined) return known
  const permit: Permit = { tenant, conditions: () => none, wholeTenant: true }
  whole.set(tenant, permit)
  return permit
}
