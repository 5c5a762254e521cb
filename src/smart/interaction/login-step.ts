/** Who are you? E-mail and password, then the second factor where there is one. */
import type { Answer } from '../../http/answer.ts'
import { pageAnswer } from '../pages/page-answer.ts'
import { codePage } from '../pages/code.ts'
import { enrolPage, recoveryPage } from '../pages/enrol.ts'
import { loginPage } from '../pages/login.ts'
import type { LoginModel } from '../pages/login.ts'
import { cookieOf } from '../session/page-request.ts'
import { DEVICES_COOKIE, devicesCookie } from '../people/devices.ts'
import { answerCode, beginEnrolment, confirmEnrolment, offeredEnrolment } from '../people/second-factor.ts'
import { arrivedFor, clinicLoginPath } from '../people/federation.ts'
import { signIn } from '../people/sign-in.ts'
import type { Browser, SignedIn, SignIn } from '../people/sign-in.ts'
import { recordSignIn } from '../on-record.ts'
import { switchAccount } from '../session/session.ts'
import type { Dialog, DialogOptions } from './dialog.ts'
import { next } from './next.ts'

/** Who came back from the clinic's own provider need not be asked. */
export async function showWhoYouAre(options: DialogOptions, dialog: Dialog): Promise<Answer> {
  const { second } = dialog.progress
  return (await answerArrival(options, dialog)) ?? (second ? showSecond(options, dialog) : showLogin(options, dialog))
}

function showLogin({ login }: DialogOptions, dialog: Dialog, problem?: LoginModel['problem'], email?: string): Answer {
  const status = problem === 'locked' ? 429 : problem === undefined ? 200 : 401
  const hint = dialog.interaction.params['login_hint']
  const typed = email ?? (typeof hint === 'string' ? hint : undefined)
  const model = {
    ...dialog.target('login'),
    ...(dialog.app && { app: dialog.app.client.name }),
    providers: login ? [{ name: login.name, href: clinicLoginPath(dialog.interaction.uid) }] : [],
    ...(typed !== undefined && { email: typed }),
    ...(problem && { problem }),
  }
  return pageAnswer(status, loginPage(dialog.frame, model))
}

export async function answerLogin(options: DialogOptions, dialog: Dialog, form: URLSearchParams): Promise<Answer> {
  const [email, password] = [form.get('email') ?? '', form.get('password') ?? '']
  if (email.trim() === '' || password === '') return showLogin(options, dialog, 'missing', email)
  const attempt = { ...browserOf(options, dialog), tenant: dialog.tenant, email, password }
  return goOn(options, dialog, await signIn(options.people, attempt), email)
}

/** Who came back from the clinic's own provider goes on as after the password. Undefined: nobody did. */
async function answerArrival(options: DialogOptions, dialog: Dialog): Promise<Answer | undefined> {
  const { people, login } = options
  const { request, interaction } = dialog
  const result = login && (await arrivedFor(people, request, interaction.uid, browserOf(options, dialog)))
  return result && goOn(options, dialog, result)
}

async function goOn(options: DialogOptions, dialog: Dialog, result: SignIn, email?: string): Promise<Answer> {
  switch (result.kind) {
    case 'in':
      return enter(options, dialog, result)
    case 'wrong':
      await recordSignIn(options.store, dialog.tenant, options.addressOf(dialog.request), undefined)
      return showLogin(options, dialog, 'wrong', email)
    case 'later':
      return showLogin(options, dialog, 'locked', email)
    default:
      if (result.kind === 'enrol') await beginEnrolment(options.people, result.account)
      await dialog.keep({ second: result })
      return next(dialog)
  }
}

async function showSecond(options: DialogOptions, dialog: Dialog, isWrong = false): Promise<Answer> {
  const { second } = dialog.progress
  if (!second) return showLogin(options, dialog)
  const model = { ...dialog.target('code'), ...(isWrong && { problem: 'wrong' as const }) }
  if (second.kind === 'code') return pageAnswer(isWrong ? 401 : 200, codePage(dialog.frame, model))
  const enrolment = await offeredEnrolment(options.people, second.account)
  return enrolment
    ? pageAnswer(isWrong ? 401 : 200, enrolPage(dialog.frame, { ...model, ...enrolment }))
    : showLogin(options, dialog)
}

export async function answerSecond(options: DialogOptions, dialog: Dialog, form: URLSearchParams): Promise<Answer> {
  const { second } = dialog.progress
  if (!second) return next(dialog)
  const attempt = {
    ...browserOf(options, dialog),
    account: second.account,
    first: second.first,
    code: form.get('code') ?? '',
  }
  const answer = second.kind === 'code' ? answerCode : confirmEnrolment
  const result = await answer(options.people, attempt)
  switch (result.kind) {
    case 'in':
      return enter(options, dialog, result)
    case 'enrolled': {
      const { headers } = await enter(options, dialog, result.signedIn)
      const page = recoveryPage(dialog.frame, { codes: result.recovery, href: dialog.frame.path })
      const shown = pageAnswer(200, page)
      return { ...shown, headers: { ...shown.headers, 'Set-Cookie': headers?.['Set-Cookie'] ?? '' } }
    }
    case 'later':
      return pageAnswer(429, codePage(dialog.frame, { ...dialog.target('code'), problem: 'locked' }))
    default:
      await recordSignIn(options.store, dialog.tenant, options.addressOf(dialog.request), undefined)
      return showSecond(options, dialog, true)
  }
}

async function enter(options: DialogOptions, dialog: Dialog, { account, devices, methods }: SignedIn): Promise<Answer> {
  await recordSignIn(options.store, dialog.tenant, options.addressOf(dialog.request), account)
  await dialog.finish({ login: { accountId: account._id, amr: [...methods] } })
  const { session } = dialog.interaction
  if (session?.uid !== undefined && session.accountId !== account._id) {
    await switchAccount(options, session.uid, account._id)
  }
  return next(dialog, devicesCookie(devices, options.origin.startsWith('https:')))
}

function browserOf({ addressOf }: DialogOptions, { request }: Dialog): Browser {
  return { address: addressOf(request), devices: cookieOf(request, DEVICES_COOKIE) }
}
