/**
 * One dialog between an app's request and its answer, bound to the browser that began it by oidc-provider's cookie: what
 * was asked, by which app, of which tenant, and how far it has come.
 */
import type { Request, Response } from 'express'
import { errors } from 'oidc-provider'
import type { InteractionResults, Provider } from 'oidc-provider'
import type { Limits } from '../../kernel/limits.ts'
import type { Logger } from '../../kernel/logger.ts'
import type { AccountDocument } from '../../store/accounts.ts'
import { findActiveAccount } from '../../store/accounts.ts'
import type { ClientDocument } from '../../store/clients.ts'
import { findApprovedClient } from '../../store/clients.ts'
import type { Store } from '../../store/collections.ts'
import type { Bases } from '../bases.ts'
import { csrfToken } from '../session/csrf.ts'
import type { Interaction } from '../grant.ts'
import { pageLanguage } from '../session/page-request.ts'
import type { Target } from '../pages/form.ts'
import type { Frame } from '../pages/layout.ts'
import type { People } from '../people/people.ts'
import type { SignIn } from '../people/sign-in.ts'
import { LIFETIMES } from '../lifetimes.ts'
import type { Records } from '../records.ts'
import { grantable } from '../requested-scopes.ts'
import { OWN_TENANT } from '../session/session.ts'

export interface DialogOptions {
  readonly provider: Provider
  readonly store: Store
  readonly bases: Bases
  readonly people: People
  readonly records: Records
  readonly limits: Limits
  readonly log: Logger
  /** public origin */
  readonly origin: string
  /** where a request came from, as attempts are counted */
  readonly addressOf: (request: Request) => string
  /** signs what shows that a form is ours */
  readonly key: Buffer
  /** the clinic's own provider, where there is one */
  readonly login?: { readonly name: string } | undefined
}

/** What is remembered from step to step. */
export interface Progress {
  /** who has begun to sign in, and what is asked for next */
  readonly second?: Extract<SignIn, { readonly account: string }>
  readonly patient?: string
  readonly encounter?: string
}

/** Of an app, or of somebody who comes by themselves to sign in. */
export interface Dialog {
  readonly request: Request
  readonly interaction: Interaction
  readonly tenant: string
  readonly app?: AppAsking
  /** who is signed in, and belongs here */
  readonly account?: AccountDocument
  readonly progress: Progress
  readonly frame: Frame
  /** where the form of a step goes */
  readonly target: (step: string) => Target
  /** Remembers this, and only this. */
  keep(progress: Progress): Promise<void>
  /** Ends it: the browser goes on with this. */
  finish(result: InteractionResults): Promise<void>
}

export interface AppAsking {
  readonly client: ClientDocument
  /** absolute URL of the FHIR base */
  readonly base: string
  /** what can be granted of what was asked */
  readonly scopes: readonly string[]
}

export function dialogPath(uid: string): string {
  return `/oauth/interaction/${uid}`
}

/** Throws SessionNotFound where the browser has no such dialog, or none any more. */
export async function openDialog(
  options: DialogOptions,
  request: Request<{ uid: string }>,
  response: Response,
): Promise<Dialog> {
  const { provider, key } = options
  const interaction = await provider.interactionDetails(request, response)
  const { params, session, uid } = interaction
  if (uid !== request.params.uid) throw new errors.SessionNotFound('this browser has another dialog')
  const app = params['client_id'] === undefined ? undefined : await appAsking(options, params)
  const tenant = app?.client.t ?? String(params[OWN_TENANT])
  const account = await accountOf(options, session?.accountId, tenant)
  const path = dialogPath(uid)
  const { ui_locales: uiLocales }: { readonly ui_locales?: string } = params
  const language = pageLanguage(request, { uiLocales, account: account?.language })
  return {
    ...{ request, interaction, tenant },
    ...(app && { app }),
    ...(account && { account }),
    progress: interaction.result?.['progress'] ?? {},
    frame: { language, path, ...(account && { user: account.name }) },
    target: (step) => ({ action: `${path}/${step}`, csrf: csrfToken(key, uid) }),
    async keep(progress) {
      interaction.result = { progress }
      await interaction.save(LIFETIMES.Interaction)
    },
    async finish(result) {
      await provider.interactionResult(request, response, result)
    },
  }
}

/** Somebody of another tenant is nobody here. */
async function accountOf(
  { store }: DialogOptions,
  id: string | undefined,
  tenant: string,
): Promise<AccountDocument | undefined> {
  const account = await findActiveAccount(store, id)
  return account?.t === tenant ? account : undefined
}

async function appAsking(
  { store, bases }: DialogOptions,
  params: Readonly<Record<string, unknown>>,
): Promise<AppAsking> {
  const { client_id: id = '', scope = '' } = params as { readonly client_id?: string; readonly scope?: string }
  const client = await findApprovedClient(store, id)
  if (!client) throw new errors.SessionNotFound('the app may not ask any more')
  const scopes = grantable(scope.split(' '), client.scope)
  return { client, base: bases.of(client.t), scopes }
}

/** The result stands; the browser has not gone on with it yet. */
export function isFinished({ interaction: { result } }: Dialog): boolean {
  return result !== undefined && ['login', 'consent', 'error'].some((each) => each in result)
}

/** What the way through the clinic's provider is told of a dialog; undefined: there is none, or none any more. */
export async function dialogOf(
  { provider, store }: Pick<DialogOptions, 'provider' | 'store'>,
  uid: string,
): Promise<{ readonly tenant: string; readonly again: boolean } | undefined> {
  const dialog = await provider.Interaction.find(uid)
  if (dialog?.prompt.name !== 'login') return undefined
  const { client_id: client, [OWN_TENANT]: own } = dialog.params as Readonly<Record<string, string | undefined>>
  const tenant = client === undefined ? own : (await findApprovedClient(store, client))?.t
  const again = dialog.prompt.reasons.some((reason) => reason === 'login_prompt' || reason === 'max_age')
  return tenant === undefined ? undefined : { tenant, again }
}
