/** What stands behind the link of an invitation. The link is the secret; the form shows besides that it came from our page. */
import express from 'express'
import type { Request, Response, Router } from 'express'
import type { Answer } from '../../http/answer.ts'
import { send } from '../../http/send.ts'
import type { Limits } from '../../kernel/limits.ts'
import type { Store } from '../../store/collections.ts'
import type { InvitationDocument } from '../../store/invitations.ts'
import { csrfToken, isCsrfToken } from '../session/csrf.ts'
import { chosenLanguage, formOf, pageLanguage } from '../session/page-request.ts'
import { acceptedPage, invitationPage, invitationTroublePage, linkingPage } from '../pages/invitation.ts'
import type { Frame } from '../pages/layout.ts'
import { pageAnswer, seeOther } from '../pages/page-answer.ts'
import { beginAnew } from './browser-session.ts'
import { CLINIC_PATH } from './federation.ts'
import { acceptWithPassword, INVITATION_PATH, invitationOf } from './invitation.ts'

export interface InvitationOptions {
  readonly store: Store
  readonly limits: Limits
  /** signs what shows that a form is ours */
  readonly key: Buffer
  readonly isSecure: boolean
  /** name of the clinic's own provider */
  readonly provider?: string | undefined
}

type Asked = Request<{ token: string }>

/** Needs browserSession before it. */
export function invitationRouter(options: InvitationOptions): Router {
  const router = express.Router({ caseSensitive: true, strict: true })
  router.get(`${INVITATION_PATH}/:token`, async (request: Asked, response) => {
    const cookie = chosenLanguage(request, options.isSecure)
    if (cookie !== undefined) send(request, response, back(request, cookie))
    else await shown(options, request, response)
  })
  router.post(`${INVITATION_PATH}/:token`, (request: Asked, response) => answered(options, request, response))
  return router
}

async function shown(options: InvitationOptions, request: Asked, response: Response): Promise<void> {
  const invitation = await invitationOf(options.store, request.params.token)
  // A session of this browser from here on: the form is bound to it
  if (invitation) await beginAnew(request, { purpose: {} })
  send(request, response, invitation ? page(options, request, invitation) : over(request))
}

async function answered(options: InvitationOptions, request: Asked, response: Response): Promise<void> {
  const { token } = request.params
  const form = await formOf(request, response, options.limits)
  const invitation = await invitationOf(options.store, token)
  if (!invitation) send(request, response, over(request))
  else if (!isCsrfToken(options.key, subjectOf(request), form.get('csrf'))) send(request, response, back(request))
  else if (form.get('do') === 'link' && options.provider !== undefined) {
    await beginAnew(request, { purpose: { invitation: token } })
    send(request, response, pageAnswer(200, linkingPage(frameOf(request), options.provider, `${CLINIC_PATH}/login`)))
  } else send(request, response, await withPassword(options, request, invitation, form.get('password') ?? ''))
}

async function withPassword(
  options: InvitationOptions,
  request: Asked,
  invitation: InvitationDocument,
  password: string,
): Promise<Answer> {
  const { kind } = await acceptWithPassword(options.store, request.params.token, password)
  if (kind === 'refused') return page(options, request, invitation, true)
  if (kind !== 'accepted') return over(request)
  return pageAnswer(200, acceptedPage(frameOf(request), { email: invitation.email }))
}

function page(
  { key, provider }: InvitationOptions,
  request: Asked,
  { email }: InvitationDocument,
  isRefused = false,
): Answer {
  const target = { action: pathOf(request), csrf: csrfToken(key, subjectOf(request)) }
  const model = { ...target, email, isRefused, ...(provider !== undefined && { provider }) }
  return pageAnswer(isRefused ? 422 : 200, invitationPage(frameOf(request), model))
}

function over(request: Asked): Answer {
  return pageAnswer(410, invitationTroublePage(frameOf(request), 'over'))
}

function back(request: Asked, cookie?: string): Answer {
  return seeOther(pathOf(request), cookie)
}

function subjectOf(request: Asked): string {
  return `invitation ${request.sessionID}`
}

function pathOf({ params: { token } }: Asked): string {
  return `${INVITATION_PATH}/${encodeURIComponent(token)}`
}

function frameOf(request: Asked): Frame {
  return { language: pageLanguage(request), path: pathOf(request) }
}
