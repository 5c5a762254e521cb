/**
 * How long a session of a browser lasts. One that began with the clinic's own provider is short, and counted from its
 * beginning: nobody tells the gateway when the provider shuts somebody out.
 */
const HOUR = 3600
export const LONGEST_SESSION = 8 * HOUR
const LONGEST_OF_CLINIC = HOUR

interface SessionLike {
  readonly amr?: readonly string[] | undefined
  /** seconds */
  readonly loginTs?: number | undefined
}

/** Seconds that it has left. */
export function sessionSeconds({ amr, loginTs }: SessionLike, now = Date.now()): number {
  if (!amr?.includes('fed') || loginTs === undefined) return LONGEST_SESSION
  return Math.max(1, LONGEST_OF_CLINIC - (Math.floor(now / 1000) - loginTs))
}
