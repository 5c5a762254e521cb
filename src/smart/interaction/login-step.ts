/** Who are you? E-mail and password, then the second factor where there is one. */
import type { Answer } from '../../http/answer.ts'
import { pageAnswer } from '../pages/page-answer.ts'
import { codePage } from '../pages/code.ts'
import { enrolPage, recoveryPage } from '../pages/enrol.ts'
import { loginPage } from '../pages/login.ts'
import type { LoginModel } from '../pages/login.ts'
import { cookieOf } from '../page-request.ts'
import { DEVICES_COOKIE, devicesCookie } from '../people/devices.ts'
import { answerCode, beginEnrolment, confirmEnrolment, offeredEnrolment } from '../people/second-factor.ts'
import { signIn } from '../people/sign-in.ts'
import type { Browser, SignedIn } from '../people/sign-in.ts'
import { switchAccount } from '../session.ts'
import type { Dialog, DialogOptions } from './dialog.ts'
import { next } from './next.ts'

export function showLogin(dialog: Dialog, problem?: LoginModel['problem'], email?: string): Answer {
  const status = problem === 'locked' ? 429 : problem === undefined ? 200 : 401
  const hint = dialog.interaction.params['login_hint']
  const typed = email ?? (typeof hint === 'string' ? hint : undefined)
  const model = {
    ...dialog.target('login'),
    ...(dialog.app && { app: dialog.app.client.name }),
    providers: [],
    ...(typed !== undefined && { email: typed }),
    ...(problem && { problem }),
  }
  return pageAnswer(status, loginPage(dialog.frame, model))
}

export async function answerLogin(options: DialogOptions, dialog: Dialog, form: URLSearchParams): Promise<Answer> {
  const [email, password] = [form.get('email') ?? '', form.get('password') ?? '']
  if (email.trim() === '' || password === '') return showLogin(dialog, 'missing', email)
  const attempt = { ...browserOf(dialog), tenant: dialog.tenant, email, password }
  const result = await signIn(options.people, attempt)
  switch (result.kind) {
    case 'in':
      return enter(options, dialog, result)
    case 'wrong':
      return showLogin(dialog, 'wrong', email)
    case 'later':
      return showLogin(dialog, 'locked', email)
    default:
      if (result.kind === 'enrol') await beginEnrolment(options.people, result.account)
      await dialog.keep({ second: { account: result.account, kind: result.kind } })
      return next(dialog)
  }
}

export async function showSecond({ people }: DialogOptions, dialog: Dialog, isWrong = false): Promise<Answer> {
  const { second } = dialog.progress
  if (!second) return showLogin(dialog)
  const model = { ...dialog.target('code'), ...(isWrong && { problem: 'wrong' as const }) }
  if (second.kind === 'code') return pageAnswer(isWrong ? 401 : 200, codePage(dialog.frame, model))
  const enrolment = await offeredEnrolment(people, second.account)
  return enrolment
    ? pageAnswer(isWrong ? 401 : 200, enrolPage(dialog.frame, { ...model, ...enrolment }))
    : showLogin(dialog)
}

export async function answerSecond(options: DialogOptions, dialog: Dialog, form: URLSearchParams): Promise<Answer> {
  const { second } = dialog.progress
  if (!second) return next(dialog)
  const attempt = { ...browserOf(dialog), account: second.account, code: form.get('code') ?? '' }
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
      return showSecond(options, dialog, true)
  }
}

async function enter(options: DialogOptions, dialog: Dialog, { account, devices, methods }: SignedIn): Promise<Answer> {
  await dialog.finish({ login: { accountId: account._id, amr: [...methods] } })
  const { session } = dialog.interaction
  if (session?.uid !== undefined && session.accountId !== account._id) {
    await switchAccount(options, session.uid, account._id)
  }
  return next(dialog, devicesCookie(devices, options.origin.startsWith('https:')))
}

function browserOf({ request }: Dialog): Browser {
  return { address: request.ip ?? '', devices: cookieOf(request, DEVICES_COOKIE) }
}
