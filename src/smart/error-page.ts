/** What a browser is shown when it cannot be sent back to the app: in words, and in those of the protocol for its makers. */
import { errors } from 'oidc-provider'
import type { Configuration } from 'oidc-provider'
import { pageLanguage } from './session/page-request.ts'
import { troublePage } from './pages/message.ts'
import { pageHeaders } from './pages/page-answer.ts'

export const errorPage: NonNullable<Configuration['renderError']> = (ctx, { error, error_description: why }, fault) => {
  const frame = { language: pageLanguage(ctx.req), path: '' }
  ctx.set({ ...pageHeaders })
  if (ctx.status >= 500) ctx.body = troublePage(frame, 'unexpected')
  else if (fault instanceof errors.SessionNotFound) ctx.body = troublePage(frame, 'expired')
  else ctx.body = troublePage(frame, 'requestRefused', { detail: why === undefined ? error : `${error}: ${why}` })
}
