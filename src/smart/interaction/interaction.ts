/**
 * What a person is asked between an app's request and its answer, one page after the other at one address: who they are,
 * with whose record the app is to work, and what it may do. The address shows the page that comes next; each form goes
 * below it and leads back to it.
 */
import express from 'express'
import type { NextFunction, Request, Response, Router } from 'express'
import { errors } from 'oidc-provider'
import type { Answer } from '../../http/answer.ts'
import { send } from '../../http/send.ts'
import { isCsrfToken } from '../session/csrf.ts'
import { chosenLanguage, formOf, pageLanguage } from '../session/page-request.ts'
import { goingOnPage, troublePage } from '../pages/message.ts'
import type { Trouble } from '../pages/message.ts'
import { pageAnswer, seeOther } from '../pages/page-answer.ts'
import { answerConsent, cancel, showConsent } from './consent-step.ts'
import { contextOf } from './context.ts'
import type { Context } from './context.ts'
import { answerEncounter, answerPatient, refused, showEncounters, showPatients } from './context-step.ts'
import type { Dialog, DialogOptions } from './dialog.ts'
import { dialogPath, isFinished, openDialog } from './dialog.ts'
import { answerLogin, answerSecond, showWhoYouAre } from './login-step.ts'
import { next } from './next.ts'

type Asked = Request<{ uid: string; step?: string }>

/** Mounted at /oauth/interaction. */
export function interactionRouter(options: DialogOptions): Router {
  const router = express.Router({ caseSensitive: true, strict: true })
  router.get('/:uid', async (request: Asked, response) => {
    const cookie = chosenLanguage(request, options.origin.startsWith('https:'))
    const answer = cookie === undefined ? await shown(options, request, response) : switched(request, cookie)
    send(request, response, answer)
  })
  router.post('/:uid/:step', async (request: Asked, response) => {
    send(request, response, await answered(options, request, response))
  })
  router.use((error: unknown, request: Request, response: Response, pass: NextFunction) => {
    if (response.headersSent) pass(error)
    else if (error instanceof errors.SessionNotFound) send(request, response, trouble(request, 400, 'expired'))
    else {
      options.log.error({ err: error }, 'a dialog failed')
      send(request, response, trouble(request, 500, 'unexpected'))
    }
  })
  return router
}

function switched({ params: { uid } }: Asked, cookie: string): Answer {
  return seeOther(dialogPath(uid), cookie)
}

function trouble(request: Request, status: number, what: Trouble): Answer {
  return pageAnswer(status, troublePage({ language: pageLanguage(request), path: '' }, what))
}

async function shown(options: DialogOptions, request: Asked, response: Response): Promise<Answer> {
  const dialog = await openDialog(options, request, response)
  if (isFinished(dialog)) return pageAnswer(200, goingOnPage(dialog.frame, dialog.interaction.returnTo))
  const context = await contextIn(options, dialog)
  if (!context) return showWhoYouAre(options, dialog)
  if (context.trouble) return refused(dialog, context.trouble)
  if (context.missing === 'patient') return showPatients(options, dialog, context)
  if (context.missing === 'encounter') return showEncounters(options, dialog, context)
  return showConsent(dialog, context)
}

async function answered(options: DialogOptions, request: Asked, response: Response): Promise<Answer> {
  const dialog = await openDialog(options, request, response)
  const form = await formOf(request, response, options.limits)
  if (!isCsrfToken(options.key, request.params.uid, form.get('csrf'))) return trouble(request, 403, 'foreign')
  if (isFinished(dialog)) return next(dialog)
  const { step } = request.params
  if (step === 'cancel' || form.get('do') === 'cancel') return cancel(dialog)
  const context = await contextIn(options, dialog)
  if (!context) return step === 'code' ? answerSecond(options, dialog, form) : answerLogin(options, dialog, form)
  return context.trouble ? refused(dialog, context.trouble) : answeredInContext(options, dialog, context, form)
}

/** A form is only taken for what is asked at this point. */
function answeredInContext(
  options: DialogOptions,
  dialog: Dialog,
  context: Context,
  form: URLSearchParams,
): Promise<Answer> | Answer {
  const { step } = dialog.request.params
  if (step === 'patient') return answerPatient(options, dialog, context, form)
  if (step === 'encounter') return answerEncounter(options, dialog, context, form)
  if (step === 'consent' && context.missing === undefined) return answerConsent(options, dialog, context, form)
  return next(dialog)
}

/** Undefined: somebody has to sign in (again). */
async function contextIn(options: DialogOptions, dialog: Dialog): Promise<Context | undefined> {
  const { interaction, app, account } = dialog
  if (interaction.prompt.name === 'login' || !app || !account) return undefined
  return contextOf(options, dialog, app, account)
}
