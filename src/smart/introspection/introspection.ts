/**
 * Introspection (RFC 7662) as SMART App Launch 2.2 wants it: who may ask also asks with an access token of its own. Who
 * asks as a client (Basic, or by an assertion) is oidc-provider's business; both are answered alike.
 *
 * Every client may ask of its own tokens; one that `introspects` may ask of all access tokens of its tenant.
 */
import express from 'express'
import type { NextFunction, Request, Response, Router } from 'express'
import type { KoaContextWithOIDC } from 'oidc-provider'
import type { Answer } from '../../http/answer.ts'
import { bearerToken } from '../../http/authentication.ts'
import { readBody } from '../../http/body.ts'
import { OAUTH } from '../../http/oauth.ts'
import { send } from '../../http/send.ts'
import { findAuthorization, findBearer } from '../../store/authorization.ts'
import { findClient, isApproved } from '../../store/clients.ts'
import type { Store } from '../../store/collections.ts'
import type { Brake } from '../clients/brake.ts'
import type { KnownClient } from '../clients/client-metadata.ts'
import { INACTIVE, introspected } from './introspection-answer.ts'
import type { TokenFacts } from './introspection-answer.ts'
import { oauthAnswer, oauthError, oauthFailure, tooMany } from '../clients/oauth-answer.ts'
import type { TokenExtra } from '../provider.ts'

export interface IntrospectionOptions {
  readonly store: Store
  readonly issuer: string
  /** of who asks for what is not there: nobody finds tokens by trying */
  readonly brake: Brake
}

/** For who asks with an access token; everybody else is left to oidc-provider. */
export function introspectionByBearer(options: IntrospectionOptions): Router {
  const router = express.Router({ caseSensitive: true, strict: true })
  router.post(OAUTH.introspect, async (request: Request, response: Response, next: NextFunction) => {
    if (!/^Bearer\b/i.test(request.headers.authorization ?? '')) next()
    else send(request, response, await answerBearer(options, request, response).catch(oauthFailure))
  })
  return router
}

async function answerBearer(options: IntrospectionOptions, request: Request, response: Response): Promise<Answer> {
  const { store, brake } = options
  const own = bearerToken(request)
  const caller = own === undefined ? undefined : await findBearer(store, own)
  const client = caller && (await findClient(store, String(caller['clientId'])))
  if (!client || client.state !== 'approved') return unknownToken()
  const seconds = brake.wait(client._id)
  if (seconds !== undefined) return tooMany(seconds)
  const asked = tokenIn(await readBody(request, response, { bodyBytes: 0, formBytes: BYTES }))
  if (asked === undefined) return oauthError(400, 'invalid_request', 'The form names one token, and no other client.')
  const token = await findToken(store, asked)
  const { introspects, t: tenant, _id: id } = client
  if (token && mayKnow({ id, tenant, introspects }, token)) return oauthAnswer(200, introspected(token, options.issuer))
  await brake.failed(client._id)
  return oauthAnswer(200, INACTIVE)
}

const BYTES = 16_384

function unknownToken(): Answer {
  const headers = { 'WWW-Authenticate': 'Bearer error="invalid_token"' }
  return oauthError(401, 'invalid_token', 'The access token of this request is unknown, expired or revoked.', headers)
}

/** Whoever has shown a token shows no secret beside it (RFC 6749 §2.3: one way of authentication in a request). */
function tokenIn(form: string | undefined): string | undefined {
  const parameters = new URLSearchParams(form ?? '')
  if (parameters.has('client_secret') || parameters.has('client_assertion')) return undefined
  const tokens = parameters.getAll('token')
  return tokens.length === 1 && tokens[0] !== '' ? tokens[0] : undefined
}

async function findToken(store: Store, token: string): Promise<TokenFacts | undefined> {
  const found = (await findBearer(store, token)) ?? (await findAuthorization(store, 'RefreshToken', token))
  const facts = found as (TokenFacts & { readonly consumed?: number }) | undefined
  if (!facts || facts.consumed !== undefined || Number(facts.exp) * 1000 <= Date.now()) return undefined
  return facts
}

interface Asking {
  readonly id: string
  readonly tenant: string
  readonly introspects: boolean
}

function mayKnow({ id, tenant, introspects }: Asking, { kind, clientId, extra }: TokenFacts): boolean {
  if (clientId === id) return true
  return introspects && kind !== 'RefreshToken' && (extra as TokenExtra | undefined)?.tenant === tenant
}

/** The same for who asks as a client, as oidc-provider has it. */
export async function mayIntrospect(
  store: Store,
  {
    clientId: id,
    isthmus_tenant: tenant,
    isthmus_introspects: introspects,
  }: KnownClient & { readonly clientId: string },
  token: TokenFacts,
): Promise<boolean> {
  return mayKnow({ id, tenant, introspects }, token) && isApproved(store, token.clientId ?? '')
}

/** What oidc-provider answered, as it is to be: as above, and 401 where nobody proved who they are (RFC 7662 §2.1). */
export async function finishIntrospection(
  ctx: KoaContextWithOIDC,
  { issuer, brake }: IntrospectionOptions,
): Promise<void> {
  const { params = {}, client, entities } = ctx.oidc
  const sent = [ctx.get('authorization') || undefined, params['client_assertion'], params['client_secret']]
  if (sent.every((each) => each === undefined)) {
    ctx.status = 401
    ctx.set('WWW-Authenticate', 'Bearer, Basic')
    ctx.body = { error: 'invalid_client', error_description: 'client authentication is required' }
  }
  if (ctx.status !== 200 || !client) return
  const seconds = brake.wait(client.clientId)
  const { active } = ctx.body as { readonly active: boolean }
  const token = entities.AccessToken ?? entities.ClientCredentials ?? entities.RefreshToken
  if (seconds !== undefined) {
    const { status, headers, body } = tooMany(seconds)
    ctx.status = status
    ctx.set({ ...headers })
    ctx.body = body
  } else if (active && token) ctx.body = introspected(token as TokenFacts, issuer)
  else await brake.failed(client.clientId)
}
