/**
 * SMART App Launch 2.2 (http://hl7.org/fhir/smart-app-launch/): everything under /oauth and its discovery. oidc-provider
 * does the protocol (provider.ts); what it does not do, or not as SMART wants it, is a file each beside it.
 */
import express from 'express'
import type { NextFunction, Request, Response, Router } from 'express'
import type { Provider } from 'oidc-provider'
import type { Smart as SmartOfApp } from '../http/app.ts'
import { isPreflight, preflightAnswer } from '../http/cors.ts'
import type { KnowsOrigin } from '../http/cors.ts'
import { OAUTH } from '../http/oauth.ts'
import { send } from '../http/send.ts'
import type { Limits } from '../kernel/limits.ts'
import type { Logger } from '../kernel/logger.ts'
import { findActiveAccount } from '../store/accounts.ts'
import { sharedKey } from '../store/shared-key.ts'
import type { Store } from '../store/collections.ts'
import { appsRouter } from './apps.ts'
import { authorizationQuery, keepPosted } from './authorization-request.ts'
import { basesAt } from './bases.ts'
import type { Bases } from './bases.ts'
import { brandBundle, brandOf } from './brands.ts'
import { clientOrigins } from './clients/client-origins.ts'
import { clientSideOf } from './clients/client-side.ts'
import { configurationAnswer } from './discovery.ts'
import type { FinishOptions } from './finished-answer.ts'
import type { DialogOptions } from './interaction/dialog.ts'
import { dialogOf } from './interaction/dialog.ts'
import { interactionRouter } from './interaction/interaction.ts'
import { introspectionByBearer } from './introspection/introspection.ts'
import { prepareLaunch } from './launch/launch.ts'
import { styleAnswer as pageStyle, stylePath as pageStylePath } from './pages/assets.ts'
import type { ClinicLogin } from './people/clinic-provider.ts'
import { openPeople, userOf } from './people/people.ts'
import { peopleRouter } from './people/router.ts'
import { createProvider } from './provider.ts'
import type { Records } from './records.ts'
import { registration } from './clients/registration.ts'
import { SECOND_STEP, secondStepRouter } from './second-step.ts'
import type { SigningKeys } from './signing-keys.ts'
import type { StaffSession } from './staff-session.ts'
import { staffRouter, staffSessions } from './staff-session.ts'
import { styleAnswer, stylePath } from './launch/smart-style.ts'

export interface SmartOptions {
  readonly store: Store
  /** public origin: the issuer */
  readonly origin: string
  readonly hasTenant: (slug: string) => Promise<boolean>
  readonly signingKeys: SigningKeys
  readonly limits: Limits
  readonly records: Records
  readonly log: Logger
  /** nobody needs a second factor */
  readonly demo: boolean
  /** addresses whose X-Forwarded-For is believed */
  readonly trustedProxies: readonly string[]
  /** the clinic's own provider, where there is one */
  readonly login?: ClinicLogin | undefined
}

export interface Smart extends SmartOfApp {
  /** of a browser: for the staff API */
  readonly staffSession: (request: Request, response: Response) => Promise<StaffSession | undefined>
  readonly provider: Provider
  readonly bases: Bases
}

const started = new Date().toISOString()

export async function createSmart(options: SmartOptions): Promise<Smart> {
  const { store, origin, hasTenant, signingKeys } = options
  const bases = basesAt(origin, hasTenant)
  const clientSide = clientSideOf(options)
  const provider = createProvider({
    ...{ store, issuer: origin, bases, signingKeys, ...clientSide },
    cookieKey: await sharedKey(store, 'cookie-key'),
    accountOf: (id) => findActiveAccount(store, id),
    userOf: (account) => userOf(store, account),
  })
  const people = await openPeople(store, options)
  const knowsOrigin = clientOrigins(store)
  const { addressOf } = clientSide.clients
  const parts = { ...options, provider, bases, people, addressOf, key: await sharedKey(store, 'form-key') }
  const aboutPeople = await peopleRouter({ ...parts, login: options.login, dialogOf: (uid) => dialogOf(parts, uid) })
  const pages = pagesRouter(parts, aboutPeople)
  const router = routerOf(options, { provider, bases, clientSide, knowsOrigin, pages })
  return {
    router,
    knowsOrigin,
    provider,
    bases,
    staffSession: staffSessions(parts),
    configuration: (tenant) => configurationAnswer(origin, { tenant, base: bases.of(tenant) }),
  }
}

/** The pages, what they load, and what a record system prepares launches with. */
function pagesRouter(parts: DialogOptions & SmartOptions, aboutPeople: Router): Router {
  const router = express.Router({ caseSensitive: true, strict: true })
  router.use(aboutPeople)
  router.use('/oauth/interaction', interactionRouter(parts))
  router.use(SECOND_STEP, secondStepRouter(parts))
  router.use('/oauth/apps', appsRouter(parts))
  router.use('/oauth/staff', staffRouter(parts))
  router.get(pageStylePath, (request, response) => send(request, response, pageStyle))
  router.get(stylePath, (request, response) => send(request, response, styleAnswer))
  router.post('/oauth/launch', async (request, response) => {
    send(request, response, await prepareLaunch(parts, request, response))
  })
  return router
}

interface Parts {
  readonly provider: Provider
  readonly bases: Bases
  readonly clientSide: FinishOptions
  readonly knowsOrigin: KnowsOrigin
  readonly pages: Router
}

function routerOf({ store, origin, limits }: SmartOptions, parts: Parts): Router {
  const { provider, bases, pages, clientSide, knowsOrigin } = parts
  const router = express.Router({ caseSensitive: true, strict: true })
  router.use(pinned(origin))
  router.options([OAUTH.token, OAUTH.introspect, OAUTH.revoke], answerPreflight(knowsOrigin))
  router.get('/.well-known/smart-configuration', (request, response) => {
    send(request, response, configurationAnswer(origin, { tenant: 'default', base: bases.of('default') }))
  })
  router.get(`${OAUTH.brands}/:tenant`, async ({ params: { tenant } }, response, next) => {
    const brand = await brandOf(store, bases, tenant)
    if (brand)
      response.set('Access-Control-Allow-Origin', '*').type('application/fhir+json').send(brandBundle(brand, started))
    else next()
  })
  router.use(pages)
  router.post(OAUTH.authorize, async (request: Request, response: Response) => {
    response.redirect(303, await keepPosted(store, limits, request, response))
  })
  router.get(OAUTH.authorize, async (request: Request, _response: Response, next: NextFunction) => {
    const query = await authorizationQuery(store, request.url.split('?')[1] ?? '')
    request.url = `${OAUTH.authorize}?${query ?? ''}`
    request.originalUrl = request.url
    next()
  })
  router.use(registration(clientSide.clients))
  router.use(introspectionByBearer(clientSide.introspection))
  router.use(throughProvider(provider))
  return router
}

/** oidc-provider would say yes to pages of any origin, and no to their requests. */
function answerPreflight(knowsOrigin: KnowsOrigin): express.RequestHandler {
  return async (request, response) => {
    const { origin = '' } = request.headers
    const isAsked = isPreflight(request) && (await knowsOrigin(origin))
    send(request, response, preflightAnswer(origin, isAsked, 'POST'))
  }
}

/** oidc-provider makes its addresses, and what assertions are for, of what the request says it was sent to. */
function pinned(origin: string): express.RequestHandler {
  const { host, protocol } = new URL(origin)
  return (request, _response, next) => {
    Object.assign(request.headers, { 'x-forwarded-host': host, 'x-forwarded-proto': protocol.slice(0, -1) })
    next()
  }
}

/** Not mounted at a path: oidc-provider would put it before each of its own. */
function throughProvider(provider: Provider): express.RequestHandler {
  const handle = provider.callback()
  return (request, response, next) => {
    if (/^\/(oauth|\.well-known)\//.test(request.url)) handle(request, response).catch(next)
    else next()
  }
}
