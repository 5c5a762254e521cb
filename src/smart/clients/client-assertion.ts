/**
 * What an assertion of a client (private_key_jwt) must say beside what oidc-provider asks of it: SMART App Launch 2.2,
 * "Client Authentication: Asymmetric". Its signature and that its `jti` was never seen are verified there.
 */
import { errors } from 'oidc-provider'
import type { JWTPayload } from 'jose'
import { decodeJwt, decodeProtectedHeader } from 'jose'

/** "no later than five minutes in the future" */
const LONGEST = 300
/** clocks go differently */
export const CLOCK_TOLERANCE = 5
const JTI = 255

type Header = Readonly<Record<string, unknown>>

/** What is known of the client that sends it. */
export interface AssertionTerms {
  readonly client: string
  readonly jwksUri: string | undefined
  /** the token endpoint and the issuer, of which it names one */
  readonly audiences: readonly string[]
}

export function assertAssertion(header: Header, claims: JWTPayload, terms: AssertionTerms, now = seconds()): void {
  const { typ, kid, jku } = header
  if (typ !== 'JWT') throw refused('the header typ must be JWT')
  if (typeof kid !== 'string' || kid === '') throw refused('the header kid must name the key')
  if (jku !== undefined && jku !== terms.jwksUri) throw refused('the header jku is not the registered jwks_uri')
  if (claims.sub !== terms.client) throw refused('iss and sub must both be the client_id')
  if (!names(claims.aud, terms.audiences)) throw refused('aud must be the token endpoint')
  assertTimes(claims, now)
  const { jti } = claims
  if (typeof jti !== 'string' || jti.length > JTI) throw refused(`jti must be a string of at most ${JTI} characters`)
}

/** Of exp and nbf that they are not over, or yet to come, is judged by oidc-provider. */
function assertTimes({ exp, iat }: JWTPayload, now: number): void {
  if (typeof exp !== 'number' || exp > now + LONGEST + CLOCK_TOLERANCE) throw refused('exp must be within 5 minutes')
  if (typeof iat === 'number' && iat > now + CLOCK_TOLERANCE) throw refused('iat is in the future')
}

function seconds(): number {
  return Math.floor(Date.now() / 1000)
}

/** One that is meant for several could be used by one of them at the others (RFC 7523 §3). */
function names(aud: unknown, audiences: readonly string[]): boolean {
  const named = [aud].flat()
  return named.length === 1 && audiences.includes(named[0] as string)
}

function refused(why: string): Error {
  return new errors.InvalidClientAuth(why)
}

/** Of whom an assertion says it is, and by which key. Nothing of it is verified yet. */
export function claimedIn(assertion: unknown): { readonly client?: string; readonly kid?: string } {
  if (typeof assertion !== 'string') return {}
  try {
    const { sub } = decodeJwt(assertion)
    const { kid } = decodeProtectedHeader(assertion)
    return { ...(sub !== undefined && { client: sub }), ...(kid !== undefined && { kid }) }
  } catch {
    return {}
  }
}
