/**
 * The clinic's own OpenID provider, as openid-client and passport speak with it: where people are sent, and who the
 * provider says came back. A sign-in begins by asking it for its addresses, so that one that is down is known at once.
 */
import type { Request, Response } from 'express'
import * as openid from 'openid-client'
import { Strategy } from 'openid-client/passport'
import passport from 'passport'
import type { Identity } from '../../store/accounts.ts'

/** As the configuration has it. */
export interface ClinicLogin {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string | undefined
  /** by which people know it */
  readonly name: string
  /** one of these is demanded of the provider; none: what it does is enough */
  readonly acr: readonly string[]
}

export type Returned =
  | { readonly kind: 'known'; readonly identity: Identity; readonly strong: boolean }
  /** the provider did less than was demanded */
  | { readonly kind: 'weak' }
  /** forged, replayed, refused, or begun elsewhere */
  | { readonly kind: 'failed'; readonly error?: unknown }
  | { readonly kind: 'away' }

export interface ClinicProvider {
  readonly name: string
  /** Answers the request with a redirect; throws where the provider does not answer. */
  sendThere(request: Request, response: Response, options: { readonly again: boolean }): Promise<void>
  returned(request: Request, response: Response): Promise<Returned>
}

const SECONDS = 5
const SESSION_KEY = 'provider'

export function clinicProvider(login: ClinicLogin, callback: string): ClinicProvider {
  let known: openid.Configuration | undefined
  const ask = async (): Promise<openid.Configuration> => (known = await discover(login))
  return {
    name: login.name,
    async sendThere(request, response, { again }) {
      await authenticated(strategyOf(await ask(), login, callback, again), request, response)
    },
    async returned(request, response) {
      try {
        const result = await authenticated(
          strategyOf(known ?? (await ask()), login, callback, false),
          request,
          response,
        )
        return result ? judged(login, result) : { kind: 'failed' }
      } catch (error) {
        return isAway(error) ? { kind: 'away' } : { kind: 'failed', error }
      }
    },
  }
}

function discover({ issuer, clientId, clientSecret }: ClinicLogin): Promise<openid.Configuration> {
  const isPlain = issuer.startsWith('http:')
  return openid.discovery(new URL(issuer), clientId, clientSecret, undefined, {
    timeout: SECONDS,
    // The signature counts besides TLS: a proxy in between may change what it likes
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- marked to stand out: config takes http: on loopback only
    execute: [openid.enableNonRepudiationChecks, ...(isPlain ? [openid.allowInsecureRequests] : [])],
  })
}

interface Claims {
  readonly iss: string
  readonly sub: string
  readonly acr?: string
}

/** One for each request: passport keeps the request's own functions in it. */
function strategyOf(config: openid.Configuration, { acr }: ClinicLogin, callbackURL: string, again: boolean): Strategy {
  const strategy = new Strategy(
    { config, name: 'clinic', sessionKey: SESSION_KEY, callbackURL, scope: 'openid' },
    (tokens, done) => {
      done(null, tokens.claims())
    },
  )
  const asked = { ...(acr.length > 0 && { acr_values: acr.join(' ') }), ...(again && { prompt: 'login' }) }
  // State and nonce beside PKCE: an answer counts for the request it answers, whatever the provider leaves out
  strategy.authorizationRequestParams = () =>
    new URLSearchParams({ ...asked, state: openid.randomState(), nonce: openid.randomNonce() })
  return strategy
}

type Handler = (request: Request, response: Response, next: (error?: unknown) => void) => void

/** Undefined where the strategy has answered with a redirect, or the provider said no. */
function authenticated(strategy: Strategy, request: Request, response: Response): Promise<Claims | undefined> {
  return new Promise((resolve, reject) => {
    const done = (error: unknown, claims?: Claims | false): void => {
      if (error instanceof Error) reject(error)
      else resolve(claims || undefined)
    }
    response.once('finish', () => resolve(undefined))
    const handle = passport.authenticate(strategy, { session: false }, done) as Handler
    handle(request, response, done)
  })
}

function judged({ acr: demanded }: ClinicLogin, { iss, sub, acr }: Claims): Returned {
  if (demanded.length > 0 && !(acr !== undefined && demanded.includes(acr))) return { kind: 'weak' }
  return { kind: 'known', identity: { issuer: iss, subject: sub }, strong: demanded.length > 0 }
}

/** No answer, none in time, or one that says that it is out of order. */
function isAway(error: unknown): boolean {
  let each = error
  while (each instanceof Error) {
    if (each instanceof TypeError && each.message === 'fetch failed') return true
    if (each.name === 'TimeoutError' || each.name === 'AbortError') return true
    each = each.cause
  }
  return each instanceof globalThis.Response && each.status >= 500
}
