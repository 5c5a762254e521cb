/**
 * The session of a browser at the authorization server, oidc-provider's own: who signs in for an app is signed in for the
 * pages about their account too, and the other way round.
 */
import { randomBytes } from 'node:crypto'
import type { Request, Response } from 'express'
import type { Provider } from 'oidc-provider'
import type { AccountDocument } from '../../store/accounts.ts'
import { findActiveAccount } from '../../store/accounts.ts'
import { endSession } from '../../store/authorization.ts'
import type { Store } from '../../store/collections.ts'
import type { Interaction } from '../grant.ts'
import { LIFETIMES } from '../lifetimes.ts'
import { LONGEST_SESSION, sessionSeconds } from './session-time.ts'

interface SessionOptions {
  readonly provider: Provider
  readonly store: Store
  readonly origin: string
}

/** Parameter of a dialog that is no app's. */
export const OWN_TENANT = 'isthmus_tenant'

type Session = Awaited<ReturnType<Provider['Session']['get']>>

export interface SignedInPerson {
  readonly account: AccountDocument
  readonly session: Session
}

/** Who is signed in with this browser. */
export async function signedInPerson(
  { provider, store }: SessionOptions,
  request: Request,
  response: Response,
): Promise<SignedInPerson | undefined> {
  const session = await provider.Session.get(provider.createContext(request, response))
  const account = await findActiveAccount(store, session.accountId)
  return account && { account, session }
}

/** Begins a dialog in which somebody signs in, for no app; gives its address. It ends at `back`. */
export async function beginSignIn(
  { provider, origin }: SessionOptions,
  request: Request,
  response: Response,
  { tenant, back }: { readonly tenant: string; readonly back: string },
): Promise<string> {
  const uid = randomBytes(24).toString('base64url')
  const path = `/oauth/interaction/${uid}`
  const prompt = { name: 'login', reasons: ['no_session'], details: {} }
  const Dialog = provider.Interaction as unknown as new (uid: string, payload: object) => Interaction
  const dialog = new Dialog(uid, { returnTo: origin + back, prompt, params: { [OWN_TENANT]: tenant } })
  await dialog.save(LIFETIMES.Interaction)
  const { cookies } = provider.createContext(request, response)
  cookies.set(provider.cookieName('interaction'), uid, { ...cookieUse, path })
  cookies.set(provider.cookieName('resume'), uid, { ...cookieUse, path: back })
  return path
}

/** At the end of such a dialog: from now on this browser is signed in. False: there was none, or it was left. */
export async function endSignIn(
  { provider, store }: SessionOptions,
  request: Request,
  response: Response,
): Promise<boolean> {
  const context = provider.createContext(request, response)
  const uid = context.cookies.get(provider.cookieName('resume'), { signed: true })
  const dialog = uid === undefined ? undefined : await provider.Interaction.find(uid)
  await dialog?.destroy()
  const login = dialog?.result?.login
  if (!login || !(OWN_TENANT in dialog.params)) return false
  const session = await provider.Session.get(context)
  if (session.accountId !== undefined) await endSession(store, session.uid)
  // A cookie that somebody else put here is worth nothing from now on
  session.resetIdentifier()
  session.loginAccount(login)
  session.authorizations = {}
  const seconds = sessionSeconds(session)
  await session.save(seconds)
  const expires = new Date(Date.now() + seconds * 1000)
  context.cookies.set(provider.cookieName('session'), session.jti, { ...cookieUse, expires })
  return true
}

export async function signOut(
  { provider, store }: SessionOptions,
  request: Request,
  response: Response,
  { session }: SignedInPerson,
): Promise<void> {
  await session.destroy()
  await endSession(store, session.uid)
  provider.createContext(request, response).cookies.set(provider.cookieName('session'), null, cookieUse)
}

/** Somebody else uses the browser from now on: what was to end with the session of the former ends. */
export async function switchAccount({ provider, store }: SessionOptions, uid: string, account: string): Promise<void> {
  const session = await provider.Session.findByUid(uid)
  if (!session) return
  session.loginAccount({ accountId: account })
  session.authorizations = {}
  await session.save(LONGEST_SESSION)
  await endSession(store, uid)
}

/** As provider.ts has its own. */
const cookieUse = { httpOnly: true, sameSite: 'lax', signed: true, overwrite: true } as const
