/** What a browser is shown when it cannot be sent back to the app: in words, and in those of the protocol for its makers. */
import { errors } from 'oidc-provider'
import type { Configuration } from 'oidc-provider'
import { languageOf } from './pages/language.ts'
import { troublePage } from './pages/message.ts'
import { pageHeaders } from './pages/page-answer.ts'

export const errorPage: NonNullable<Configuration['renderError']> = (ctx, { error, error_description: why }, fault) => {
  const frame = { language: languageOf({ accepted: ctx.get('Accept-Language') }), path: '/oauth/apps' }
  const isLate = fault instanceof errors.SessionNotFound
  const isOurs = ctx.status >= 500
  const detail = why === undefined ? error : `${error}: ${why}`
  ctx.set({ ...pageHeaders })
  ctx.body = isOurs
    ? troublePage(frame, 'unexpected')
    : troublePage(frame, isLate ? 'expired' : 'requestRefused', isLate ? {} : { detail })
}
