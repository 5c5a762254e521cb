/**
 * /oauth/apps/second-step: people set up a second step of sign-in because they want one. Who signed in long ago shows the
 * password again first: whoever finds a browser open is not to bind an account to a telephone of their own.
 */
import express from 'express'
import type { Request, Response, Router } from 'express'
import type { Provider } from 'oidc-provider'
import type { Answer } from '../http/answer.ts'
import { send } from '../http/send.ts'
import type { Limits } from '../kernel/limits.ts'
import type { AccountDocument } from '../store/accounts.ts'
import type { Store } from '../store/collections.ts'
import { codePage } from './pages/code.ts'
import { enrolPage, recoveryPage, secondStepPage } from './pages/enrol.ts'
import type { Target } from './pages/form.ts'
import type { Frame } from './pages/layout.ts'
import { troublePage } from './pages/message.ts'
import { pageAnswer, seeOther } from './pages/page-answer.ts'
import { DEVICES_COOKIE, devicesCookie } from './people/devices.ts'
import type { People } from './people/people.ts'
import { beginEnrolment, confirmEnrolment, offeredEnrolment } from './people/second-factor.ts'
import { chosenLanguage, cookieOf, formOf, pageLanguage } from './session/page-request.ts'
import type { SignedInPerson } from './session/session.ts'
import { beginSignIn, endSignIn, signedInPerson } from './session/session.ts'
import { isOurForm, visited } from './session/visit.ts'

export interface SecondStepOptions {
  readonly provider: Provider
  readonly store: Store
  readonly people: People
  readonly limits: Limits
  readonly origin: string
  readonly key: Buffer
  addressOf(request: Request): string
}

export const SECOND_STEP = '/oauth/apps/second-step'
const BACK = '/oauth/apps'
const FRESH_SECONDS = 15 * 60

/** Mounted at SECOND_STEP. */
export function secondStepRouter(options: SecondStepOptions): Router {
  const router = express.Router({ caseSensitive: true })
  router.get('/', async (request, response) => send(request, response, await shown(options, request, response)))
  router.get('/signed-in', async (request, response) => {
    await endSignIn(options, request, response)
    send(request, response, seeOther(SECOND_STEP))
  })
  router.post('/', async (request, response) => send(request, response, await answered(options, request, response)))
  return router
}

async function shown(options: SecondStepOptions, request: Request, response: Response): Promise<Answer> {
  const cookie = chosenLanguage(request, isSecure(options))
  if (cookie !== undefined) return seeOther(SECOND_STEP, cookie)
  const person = await signedInPerson(options, request, response)
  if (!person || !isFresh(person)) {
    const back = { tenant: person?.account.t ?? 'default', back: `${SECOND_STEP}/signed-in` }
    return seeOther(await beginSignIn(options, request, response, back))
  }
  return enrolment(options, request, person)
}

function isFresh({ session }: SignedInPerson): boolean {
  return Date.now() / 1000 - (session.loginTs ?? 0) < FRESH_SECONDS
}

async function enrolment(
  options: SecondStepOptions,
  request: Request,
  person: SignedInPerson,
  isWrong = false,
): Promise<Answer> {
  const { people } = options
  const { account } = person
  const { csrf, cookie } = visited(options, request, person)
  const offered = (await offeredEnrolment(people, account._id)) ?? (await beginEnrolment(people, account._id))
  const model = { ...target(csrf), isChosen: true, ...(isWrong && { problem: 'wrong' as const }) }
  const frame = frameOf(request, account)
  const page = offered ? enrolPage(frame, { ...model, ...offered }) : secondStepPage(frame, BACK)
  return withCookie(pageAnswer(isWrong && offered ? 401 : 200, page), cookie)
}

async function answered(options: SecondStepOptions, request: Request, response: Response): Promise<Answer> {
  const form = await formOf(request, response, options.limits)
  const person = await signedInPerson(options, request, response)
  if (!person || !isFresh(person)) return seeOther(SECOND_STEP)
  const { account } = person
  const frame = frameOf(request, account)
  if (!isOurForm(options, request, person, form)) return pageAnswer(403, troublePage(frame, 'foreign'))
  if (form.get('do') === 'cancel') return seeOther(BACK)
  const browser = { address: options.addressOf(request), devices: cookieOf(request, DEVICES_COOKIE) }
  const attempt = { ...browser, account: account._id, code: form.get('code') ?? '' }
  const result = await confirmEnrolment(options.people, attempt)
  if (result.kind === 'wrong') return enrolment(options, request, person, true)
  if (result.kind === 'later') {
    const { csrf } = visited(options, request, person)
    return pageAnswer(429, codePage(frame, { ...target(csrf), problem: 'locked' }))
  }
  const page = recoveryPage(frame, { codes: result.recovery, href: BACK })
  return withCookie(pageAnswer(200, page), devicesCookie(result.signedIn.devices, isSecure(options)))
}

function target(csrf: string): Target {
  return { action: SECOND_STEP, csrf }
}

function withCookie(answer: Answer, cookie: string): Answer {
  return { ...answer, headers: { ...answer.headers, 'Set-Cookie': cookie } }
}

function frameOf(request: Request, { name, language }: AccountDocument): Frame {
  return { language: pageLanguage(request, { account: language }), path: SECOND_STEP, user: name }
}

function isSecure({ origin }: SecondStepOptions): boolean {
  return origin.startsWith('https:')
}
