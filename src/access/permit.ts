/**
 * The Permit: what one request may see. A required argument of every read of the store, ANDed into every query.
 *
 * Without authorization (loopback only) it is everything of one tenant; tenants are absolute in any case.
 */
export interface Permit {
  readonly tenant: string
}

export function everythingOf(tenant: string): Permit {
  return { tenant }
}
