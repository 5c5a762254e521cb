/** What may the app do? The person leaves of it what they like; what they leave becomes a grant, for this launch alone. */
import type { Answer } from '../../http/answer.ts'
import type { ClientDocument } from '../../store/clients.ts'
import type { LaunchContext } from '../../store/grants.ts'
import type { Choices } from '../consent/consent.ts'
import { allOf, granted, linesOf } from '../consent/consent.ts'
import { choicesOf } from '../consent/consent-choices.ts'
import { contextScopes } from '../launch/context-scopes.ts'
import { grantAccess } from '../grant.ts'
import { consentPage } from '../pages/consent.ts'
import type { ConsentModel } from '../pages/consent.ts'
import { pageAnswer } from '../pages/page-answer.ts'
import { LIFETIMES } from '../lifetimes.ts'
import { stylePath } from '../launch/smart-style.ts'
import type { Context } from './context.ts'
import type { Dialog, DialogOptions } from './dialog.ts'
import { next } from './next.ts'

const DAY = 24 * 3600
const LASTING = {
  offlineDays: LIFETIMES.Grant / DAY,
  unusedDays: LIFETIMES.RefreshToken / DAY,
  minutes: LIFETIMES.AccessToken / 60,
}

/** `tried`: what was left was nothing. */
export function showConsent({ frame, target }: Dialog, context: Context, tried?: Choices): Answer {
  const { app, patient, encounter } = context
  const asked = app.scopes.join(' ')
  const model = {
    ...{ ...target('consent'), ...LASTING, app: aboutApp(app.client), asked },
    ...{ choices: tried ?? allOf(asked), nothingChosen: tried !== undefined },
    ...(patient && { patient }),
    ...(encounter && { encounter }),
  }
  return pageAnswer(tried ? 422 : 200, consentPage(frame, model))
}

function aboutApp({ name, verified, publisher }: ClientDocument): ConsentModel['app'] {
  return { name, verified, ...(publisher !== undefined && { publisher }) }
}

export async function answerConsent(
  { provider, store, origin }: DialogOptions,
  dialog: Dialog,
  context: Context,
  form: URLSearchParams,
): Promise<Answer> {
  if (form.get('do') !== 'allow') return cancel(dialog)
  const { app, account } = context
  const asked = app.scopes.join(' ')
  const choices = choicesOf(asked, form)
  const left = granted(asked, choices)
  if (isNothing(asked, left)) return showConsent(dialog, context, choices)
  const launch = launchContext(origin, dialog, context)
  const scopes = contextScopes(left, launch)
  const agreed = { tenant: dialog.tenant, account: account._id, base: app.base, scopes, launch }
  const grantId = await grantAccess(provider, store, dialog.interaction, agreed)
  await dialog.finish({ consent: { grantId } })
  return next(dialog)
}

/** Who somebody is may be all that is left; no records where there were some asked for, and nothing else, is a mistake. */
function isNothing(asked: string, left: readonly string[]): boolean {
  return linesOf(asked).length > 0 && linesOf(left.join(' ')).length === 0 && !left.includes('openid')
}

/** The app is told that the person does not want it. */
export async function cancel(dialog: Dialog): Promise<Answer> {
  await dialog.finish({ error: 'access_denied', error_description: 'the person did not agree' })
  return next(dialog)
}

/** Of a launch with a record or from one; who is only signed in gets nothing but that. */
function launchContext(origin: string, { tenant }: Dialog, { launch, patient, encounter }: Context): LaunchContext {
  if (!launch && !patient) return {}
  return {
    ...(patient && { need_patient_banner: true }),
    ...{ smart_style_url: origin + stylePath, tenant },
    ...launch?.context,
    ...(patient && { patient: patient.id }),
    ...(encounter && { encounter: encounter.id }),
  }
}
