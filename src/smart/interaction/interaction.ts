/** What a person is asked between an app's request and its answer: who they are, and what they agree to. */
import express from 'express'
import type { Request, Response, Router } from 'express'
import { html } from 'hono/html'
import type { Provider } from 'oidc-provider'
import type { Store } from '../../store/collections.ts'
import type { Bases } from '../bases.ts'
import { grantAccess } from '../grant.ts'
import type { People } from '../people/people.ts'
import { signIn } from '../people/sign-in.ts'
import { grantable } from '../requested-scopes.ts'

export interface InteractionOptions {
  readonly provider: Provider
  readonly store: Store
  readonly bases: Bases
  readonly people: People
}

/** Mounted at /oauth/interaction. */
export function interactionRouter(options: InteractionOptions): Router {
  const router = express.Router()
  const { provider } = options
  router.get('/:uid', async (request, response) => {
    const { prompt } = await provider.interactionDetails(request, response)
    response.type('html').send(String(prompt.name === 'login' ? await loginForm() : await consentForm()))
  })
  router.post('/:uid', express.urlencoded({ extended: false }), (request, response) =>
    submitted(options, request, response),
  )
  return router
}

const loginForm = () =>
  html`<form method="post">
    <input name="email" /><input name="password" type="password" /><button>Sign in</button>
  </form>`
const consentForm = () => html`<form method="post"><button>Allow</button></form>`

async function submitted(options: InteractionOptions, request: Request, response: Response): Promise<void> {
  const { provider, store, bases, people } = options
  const interaction = await provider.interactionDetails(request, response)
  const base = [interaction.params['resource']].flat()[0] as string
  const tenant = (await bases.tenantAt(base)) ?? 'default'
  if (interaction.prompt.name === 'login') {
    const { email = '', password = '' } = request.body as Record<string, string>
    const result = await signIn(people, { tenant, email, password, address: request.ip ?? '' })
    if (result.kind !== 'in') {
      response
        .status(401)
        .type('html')
        .send(String(await loginForm()))
      return
    }
    await provider.interactionFinished(request, response, { login: { accountId: result.account._id } })
    return
  }
  const account = interaction.session?.accountId as string
  const client = await store.clients.findOne({ _id: interaction.params['client_id'] as string })
  const scopes = grantable((interaction.params['scope'] as string).split(' '), client?.scope ?? '')
  const grantId = await grantAccess(provider, store, interaction, { tenant, account, base, scopes, launch: {} })
  await provider.interactionFinished(request, response, { consent: { grantId } })
}
