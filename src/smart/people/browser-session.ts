/**
 * What is remembered of a browser while somebody signs in with the clinic's own provider or answers an invitation: a few
 * minutes, by a cookie of these pages alone. Who is signed in afterwards stands in oidc-provider's session.
 */
import type { Request, RequestHandler } from 'express'
import session from 'express-session'
import type { Store } from '../../store/collections.ts'
import { sessionStore } from '../../store/sessions.ts'

const MINUTES = 15

/** Where a sign-in with the provider goes on. */
export interface Purpose {
  /** dialog of an app's request (oidc-provider's interaction) */
  readonly dialog?: string
  /** tenant whose account it is to be */
  readonly tenant?: string
  /** what stands in the link of an invitation */
  readonly invitation?: string
}

/** Who came back from the provider, and for which dialog. */
export interface Arrival {
  readonly account: string
  readonly dialog: string
  /** the provider vouches for as much as the configuration asks */
  readonly strong: boolean
  /** milliseconds */
  readonly at: number
}

declare module 'express-session' {
  interface SessionData {
    purpose: Purpose
    arrival: Arrival
  }
}

/** Goes before the routes that use it; without its cookie it asks the database nothing. */
export function browserSession(store: Store, key: Buffer, isSecure: boolean): RequestHandler {
  return session({
    name: 'isthmus.clinic',
    secret: key.toString('base64url'),
    store: sessionStore(store, MINUTES * 60),
    ...{ resave: false, saveUninitialized: false, proxy: true },
    cookie: { path: '/oauth', httpOnly: true, sameSite: 'lax', secure: isSecure, maxAge: MINUTES * 60_000 },
  })
}

/** A new session under a new name: whoever knew the old one knows nothing of this. */
export async function beginAnew(request: Request, content: { purpose: Purpose } | { arrival: Arrival }): Promise<void> {
  await settled((done) => request.session.regenerate(done))
  Object.assign(request.session, content)
  await settled((done) => request.session.save(done))
}

export async function endOf(request: Request): Promise<void> {
  await settled((done) => request.session.destroy(done))
}

function settled(begin: (done: (error: unknown) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    begin((error) => {
      if (error === undefined || error === null) resolve()
      else reject(error instanceof Error ? error : new Error('the session was not stored'))
    })
  })
}
