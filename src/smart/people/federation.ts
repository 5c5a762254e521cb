/**
 * Signing in with the clinic's own OpenID provider, on the way through a dialog of an app or an invitation. Accounts are
 * linked by issuer and subject, never by e-mail, and only by invitation.
 *
 * Who comes back is kept in a session of this browser for the dialog it set out from: the dialog goes on only in a browser
 * that has both its cookie and this session, so nobody finishes in one browser what another began.
 */
import express from 'express'
import type { Request, Response, Router } from 'express'
import { send } from '../../http/send.ts'
import type { Logger } from '../../kernel/logger.ts'
import { findAccountByIdentity, findActiveAccount } from '../../store/accounts.ts'
import type { Store } from '../../store/collections.ts'
import { pageLanguage } from '../session/page-request.ts'
import type { ClinicTrouble } from '../pages/clinic.ts'
import { clinicTroublePage } from '../pages/clinic.ts'
import { acceptedPage, invitationTroublePage } from '../pages/invitation.ts'
import type { Frame } from '../pages/layout.ts'
import { pageAnswer, seeOther } from '../pages/page-answer.ts'
import type { Purpose } from './browser-session.ts'
import { beginAnew, endOf } from './browser-session.ts'
import type { ClinicProvider, Returned } from './clinic-provider.ts'
import { acceptWithLogin } from './invitation.ts'
import type { People } from './people.ts'
import { afterFirst } from './sign-in.ts'
import type { Browser, SignIn } from './sign-in.ts'

export interface FederationOptions {
  readonly store: Store
  readonly provider: ClinicProvider
  readonly log: Logger
  /** a dialog that is open: whose accounts it is for, and whether the person is to be asked even if signed in there */
  dialogOf(uid: string): Promise<{ readonly tenant: string; readonly again: boolean } | undefined>
}

export const CLINIC_PATH = '/oauth/clinic'
/** So long it may take from coming back to the dialog's page. */
const ARRIVAL_MILLISECONDS = 5 * 60_000

/** Where the page of a dialog sends people who choose the clinic's own login. */
export function clinicLoginPath(dialog: string): string {
  return `${CLINIC_PATH}/login?dialog=${encodeURIComponent(dialog)}`
}

/** Needs browserSession before it. */
export function federationRouter(options: FederationOptions): Router {
  const router = express.Router({ caseSensitive: true, strict: true })
  router.get(`${CLINIC_PATH}/login`, (request, response) => setOut(options, request, response))
  router.get(`${CLINIC_PATH}/callback`, (request, response) => comeBack(options, request, response))
  return router
}

async function setOut(options: FederationOptions, request: Request, response: Response): Promise<void> {
  const uid = new URLSearchParams(request.url.split('?')[1]).get('dialog')
  const dialog = uid === null ? undefined : await options.dialogOf(uid)
  const { purpose: kept } = request.session
  const purpose = uid !== null && dialog ? { dialog: uid, tenant: dialog.tenant } : kept
  if (!purpose || (uid !== null && !dialog)) {
    trouble(request, response, 400, 'failed')
    return
  }
  await beginAnew(request, { purpose })
  try {
    await options.provider.sendThere(request, response, { again: dialog?.again ?? false })
  } catch (error) {
    options.log.warn({ err: error }, 'the clinic login does not answer')
    trouble(request, response, 503, 'away', purpose)
  }
}

async function comeBack(options: FederationOptions, request: Request, response: Response): Promise<void> {
  const { purpose } = request.session
  const query = new URLSearchParams(request.url.split('?')[1])
  const isAnswer = query.has('code') || query.has('error')
  const returned: Returned =
    purpose && isAnswer ? await options.provider.returned(request, response) : { kind: 'failed' }
  if (returned.kind === 'known' && purpose) {
    await arrive(options, request, response, purpose, returned)
    return
  }
  if (purpose) await endOf(request)
  if (returned.kind === 'failed' && returned.error) options.log.warn({ err: returned.error }, 'a clinic login failed')
  const { kind } = returned
  if (kind === 'away') trouble(request, response, 503, 'away', purpose)
  else trouble(request, response, kind === 'weak' ? 403 : 400, kind === 'weak' ? 'weak' : 'failed', purpose)
}

async function arrive(
  options: FederationOptions,
  request: Request,
  response: Response,
  { dialog, tenant, invitation }: Purpose,
  { identity, strong }: Extract<Returned, { kind: 'known' }>,
): Promise<void> {
  const { store, provider } = options
  if (invitation !== undefined) {
    await endOf(request)
    const { kind } = await acceptWithLogin(store, invitation, identity)
    const frame = frameOf(request)
    if (kind === 'accepted') send(request, response, pageAnswer(200, acceptedPage(frame, { provider: provider.name })))
    else if (kind === 'taken') send(request, response, pageAnswer(403, invitationTroublePage(frame, 'taken')))
    else send(request, response, pageAnswer(410, invitationTroublePage(frame, 'over')))
    return
  }
  const account = await findAccountByIdentity(store, tenant ?? 'default', identity)
  if (!account || account.disabled || dialog === undefined) {
    await endOf(request)
    trouble(request, response, 403, 'unlinked', { ...(dialog !== undefined && { dialog }) })
    return
  }
  await beginAnew(request, { arrival: { account: account._id, dialog, strong, at: Date.now() } })
  send(request, response, seeOther(dialogPath(dialog)))
}

/** Who came back for this dialog, once. Undefined: nobody, or long ago. */
export async function arrivedFor(
  people: People,
  request: Request,
  dialog: string,
  browser: Browser,
): Promise<SignIn | undefined> {
  const { arrival } = request.session
  if (arrival?.dialog !== dialog) return undefined
  await endOf(request)
  const account = await findActiveAccount(people.store, arrival.account)
  if (!account || Date.now() - arrival.at > ARRIVAL_MILLISECONDS) return undefined
  return afterFirst(people, account, browser, { first: 'fed', strong: arrival.strong })
}

function dialogPath(uid: string): string {
  return `/oauth/interaction/${uid}`
}

/** The switch of language leads back to the dialog: the answer of the provider counts once. */
function frameOf(request: Request, purpose?: Purpose): Frame {
  const path = purpose?.dialog === undefined ? `${CLINIC_PATH}/login` : dialogPath(purpose.dialog)
  return { language: pageLanguage(request), path }
}

function trouble(request: Request, response: Response, status: number, what: ClinicTrouble, purpose?: Purpose): void {
  const back = purpose?.dialog === undefined ? undefined : dialogPath(purpose.dialog)
  send(request, response, pageAnswer(status, clinicTroublePage(frameOf(request, purpose), what, back)))
}
