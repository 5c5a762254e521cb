/**
 * An authorization request as oidc-provider takes it. One that comes as a form (SMART `authorize-post`) is kept and asked
 * for again by GET: then the browser sends the session's cookie, which a form of another site does not bring along.
 */
import { randomBytes } from 'node:crypto'
import type { Request, Response } from 'express'
import { readBody } from '../http/body.ts'
import { GatewayError } from '../kernel/errors.ts'
import { OAUTH } from '../http/oauth.ts'
import type { Limits } from '../kernel/limits.ts'
import { consume, findAuthorization, keep } from '../store/authorization.ts'
import type { Store } from '../store/collections.ts'

const MODEL = 'AuthorizationRequest'
const KEPT_BY = 'kept'
const SECONDS = 60

/** Where the request goes on. */
export async function keepPosted(store: Store, limits: Limits, request: Request, response: Response): Promise<string> {
  const form = await readBody(request, response, limits)
  if (form === undefined) throw new GatewayError('GW_MEDIA_TYPE', 'An authorization request is a form or a query.')
  const id = randomBytes(32).toString('base64url')
  await keep(store, MODEL, id, { form }, SECONDS)
  return `${OAUTH.authorize}?${KEPT_BY}=${id}`
}

/** The query that is meant by `query`. Undefined: what was kept is gone. */
export async function authorizationQuery(store: Store, query: string): Promise<string | undefined> {
  const asked = new URLSearchParams(query)
  const kept = asked.get(KEPT_BY)
  if (kept === null) return withConsent(asked)
  const payload = (await consume(store, MODEL, kept)) ? await findAuthorization(store, MODEL, kept) : undefined
  return payload && withConsent(new URLSearchParams(payload['form'] as string))
}

/** oidc-provider drops offline_access where consent is not asked for, which SMART apps never ask for by themselves. */
function withConsent(query: URLSearchParams): string {
  const prompts = query.getAll('prompt')
  if (prompts.length > 1) return query.toString()
  const words = (prompts[0] ?? '').split(' ').filter((word) => word !== '')
  if (!words.includes('none') && !words.includes('consent')) query.set('prompt', [...words, 'consent'].join(' '))
  return query.toString()
}
