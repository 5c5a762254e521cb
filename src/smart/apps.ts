/** /oauth/apps: people see which apps may use their data, and take it back. What is taken back ends at once. */
import express from 'express'
import type { Request, Response, Router } from 'express'
import type { Provider } from 'oidc-provider'
import { permitOf } from '../access/permit.ts'
import type { Answer } from '../http/answer.ts'
import { send } from '../http/send.ts'
import type { Limits } from '../kernel/limits.ts'
import type { AccountDocument } from '../store/accounts.ts'
import { revokeTokens } from '../store/authorization.ts'
import type { ClientDocument } from '../store/clients.ts'
import type { Store } from '../store/collections.ts'
import { grantsOf } from '../store/grants.ts'
import type { GrantDocument } from '../store/grants.ts'
import { chosenLanguage, formOf, pageLanguage } from './session/page-request.ts'
import { recordRevocation } from './on-record.ts'
import { appsPage } from './pages/apps.ts'
import type { AppAccess } from './pages/apps.ts'
import type { Frame } from './pages/layout.ts'
import { signedOutPage, troublePage } from './pages/message.ts'
import { pageAnswer, seeOther } from './pages/page-answer.ts'
import { userOf } from './people/people.ts'
import type { Records } from './records.ts'
import { SECOND_STEP } from './second-step.ts'
import { beginSignIn, endSignIn, signedInPerson, signOut } from './session/session.ts'
import { isOurForm, visited } from './session/visit.ts'

export interface AppsOptions {
  readonly provider: Provider
  readonly store: Store
  readonly records: Records
  readonly limits: Limits
  readonly origin: string
  readonly key: Buffer
  hasTenant(slug: string): Promise<boolean>
}

const HERE = '/oauth/apps'

/** Mounted at /oauth/apps. */
export function appsRouter(options: AppsOptions): Router {
  const router = express.Router({ caseSensitive: true })
  router.get('/', async (request, response) => send(request, response, await listed(options, request, response)))
  router.get('/signed-in', async (request, response) => {
    await endSignIn(options, request, response)
    send(request, response, seeOther(HERE))
  })
  router.get('/signed-out', (request, response) => {
    send(request, response, pageAnswer(200, signedOutPage({ language: pageLanguage(request), path: HERE })))
  })
  router.post('/', async (request, response) => send(request, response, await changed(options, request, response)))
  return router
}

async function listed(options: AppsOptions, request: Request, response: Response): Promise<Answer> {
  const cookie = chosenLanguage(request, isSecure(options))
  if (cookie !== undefined) return seeOther(HERE, cookie)
  const query = new URLSearchParams(request.url.split('?')[1])
  const person = await signedInPerson(options, request, response)
  if (!person) {
    const slug = query.get('tenant') ?? 'default'
    const tenant = slug === 'default' || (await options.hasTenant(slug)) ? slug : 'default'
    return seeOther(await beginSignIn(options, request, response, { tenant, back: `${HERE}/signed-in` }))
  }
  const { account } = person
  const { csrf, cookie: visit } = visited(options, request, person)
  const target = { action: HERE, csrf }
  const revoked = await nameOfApp(options, account, query.get('revoked'))
  const accesses = await accessesOf(options, account)
  const model = {
    ...target,
    accesses,
    signOut: target,
    secondStep: SECOND_STEP,
    ...(revoked !== undefined && { revoked }),
  }
  const answer = pageAnswer(200, appsPage(frameOf(request, account), model))
  return { ...answer, headers: { ...answer.headers, 'Set-Cookie': visit } }
}

async function changed(options: AppsOptions, request: Request, response: Response): Promise<Answer> {
  const form = await formOf(request, response, options.limits)
  const person = await signedInPerson(options, request, response)
  if (!person) return seeOther(HERE)
  if (!isOurForm(options, request, person, form)) {
    return pageAnswer(403, troublePage(frameOf(request, person.account), 'foreign'))
  }
  const id = form.get('revoke')
  if (id === null) {
    await signOut(options, request, response, person)
    return seeOther(`${HERE}/signed-out`)
  }
  const grant = (await grantsOf(options.store, person.account._id)).find(({ _id }) => _id === id)
  if (!grant) return seeOther(HERE)
  await recordRevocation(options.store, person.account, grant.client)
  await revokeTokens(options.store, { grant: grant._id })
  return seeOther(`${HERE}?revoked=${encodeURIComponent(grant.client)}`)
}

async function accessesOf(options: AppsOptions, account: AccountDocument): Promise<AppAccess[]> {
  const { store, records } = options
  const grants = await grantsOf(store, account._id)
  const clients = await store.clients.find({ _id: { $in: grants.map(({ client }) => client) } }).toArray()
  const user = await userOf(store, account)
  const permit = permitOf({ tenant: account.t, client: '', scope: 'user/Patient.rs', user })
  return Promise.all(
    grants.map(async (grant) => {
      const { patient: id } = grant.launch
      const patient = id === undefined ? undefined : ((await records.patient(permit, id))?.name ?? id)
      const client = clients.find(({ _id }) => _id === grant.client)
      return accessOf(grant, client, patient)
    }),
  )
}

function accessOf(grant: GrantDocument, client: ClientDocument | undefined, patient: string | undefined): AppAccess {
  const { _id: id, scope, created, used, expires } = grant
  return {
    ...{ id, app: client?.name ?? grant.client, scope, since: created, ends: expires },
    ...(client?.publisher !== undefined && { publisher: client.publisher }),
    ...(patient !== undefined && { patient }),
    ...(used > created && { lastUsed: used }),
  }
}

async function nameOfApp(
  { store }: AppsOptions,
  { t }: AccountDocument,
  id: string | null,
): Promise<string | undefined> {
  return id === null ? undefined : (await store.clients.findOne({ _id: id, t }))?.name
}

function frameOf(request: Request, { name, language }: AccountDocument): Frame {
  return { language: pageLanguage(request, { account: language }), path: HERE, user: name }
}

function isSecure({ origin }: AppsOptions): boolean {
  return origin.startsWith('https:')
}
