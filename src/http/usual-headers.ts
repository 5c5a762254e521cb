/**
 * What every answer carries, whichever route made it, unless it says otherwise itself: nobody keeps it, and a browser that
 * is led to it runs nothing of it, frames it nowhere and tells no one where it was (OWASP Secure Headers).
 */
const USUAL = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
} as const

const YEAR_SECONDS = 365 * 24 * 3600
/** RFC 6797: where the gateway is reached by TLS, browsers never try without again. */
const WITH_TLS = { ...USUAL, 'Strict-Transport-Security': `max-age=${YEAR_SECONDS}` }

/** `origin`: the public one. */
export function usualHeaders(origin: string): Readonly<Record<string, string>> {
  return origin.startsWith('https:') ? WITH_TLS : USUAL
}
