/**
 * The Permit: what one request may see. A required argument of every read of the store, ANDed into every query.
 *
 * Without authorization (loopback only) it is everything of one tenant; tenants are absolute in any case.
 */
export interface Permit {
  readonly tenant: string
}

/** One Permit a tenant: reads are gathered by Permit. */
const whole = new Map<string, Permit>()

export function everythingOf(tenant: string): Permit {
  let permit = whole.get(tenant)
  if (!permit) whole.set(tenant, (permit = { tenant }))
  return permit
}
