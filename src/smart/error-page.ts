/** What a browser is shown when it cannot be sent back to the app. */
import type { Configuration } from 'oidc-provider'
import { html } from 'hono/html'

export const errorPage: NonNullable<Configuration['renderError']> = async (ctx, { error, error_description: why }) => {
  ctx.type = 'html'
  ctx.body = String(
    await html`<!doctype html><title>${error}</title>
      <p>${why ?? error}</p>`,
  )
}
