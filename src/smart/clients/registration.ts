/**
 * Dynamic registration (RFC 7591): anybody may ask, and somebody of the clinic decides (`isthmus client approve`). Nothing
 * that is for the clinic to say is taken from the request, and what was registered cannot be changed from outside.
 */
import express from 'express'
import type { Request, Response, Router } from 'express'
import type { Answer } from '../../http/answer.ts'
import { readBody } from '../../http/body.ts'
import { isJsonType } from '../../http/media.ts'
import { OAUTH } from '../../http/oauth.ts'
import { send } from '../../http/send.ts'
import type { Store } from '../../store/collections.ts'
import type { ClientDocument } from '../../store/clients.ts'
import { addClient } from '../../store/clients.ts'
import { rateLimit } from '../../store/rate-limit.ts'
import type { RateLimit } from '../../store/rate-limit.ts'
import { METHODS } from './client-metadata.ts'
import { ClientRefusal } from './client-refusal.ts'
import { newClient } from './new-client.ts'
import type { ClientTerms, NewClient } from './new-client.ts'
import { oauthAnswer, oauthError, oauthFailure, tooMany } from './oauth-answer.ts'
import { registrationWish } from './registration-wish.ts'

export interface RegistrationOptions {
  readonly store: Store
  /** who is counted as one */
  readonly addressOf: (request: Request) => string
}

const BYTES = 65_536
const HOUR = 3600
const OF_ONE = 20
const OF_ALL = 500

const TERMS: ClientTerms = {
  ...{ tenant: 'default', state: 'pending', verified: false, introspects: false },
  ...{ by: 'registration', loopback: false },
}

export function registration({ store, addressOf }: RegistrationOptions): Router {
  const limits = {
    one: rateLimit(store, { name: 'registration', times: OF_ONE, seconds: HOUR }),
    all: rateLimit(store, { name: 'registrations', times: OF_ALL, seconds: HOUR }),
  }
  const router = express.Router({ caseSensitive: true, strict: true })
  router.post(OAUTH.register, async (request: Request, response: Response) => {
    const answer = await register(store, limits, request, response, addressOf(request)).catch(oauthFailure)
    send(request, response, answer)
  })
  router.all(OAUTH.register, (request: Request, response: Response) => {
    send(request, response, oauthError(405, 'invalid_request', 'Clients are registered by POST.', { Allow: 'POST' }))
  })
  return router
}

async function register(
  store: Store,
  { one, all }: { readonly one: RateLimit; readonly all: RateLimit },
  request: Request,
  response: Response,
  address: string,
): Promise<Answer> {
  const seconds = (await one.take(address)) ?? (await all.take(''))
  if (seconds !== undefined) return tooMany(seconds)
  const isJson = isJsonType(request.headers['content-type'])
  const text = isJson ? await readBody(request, response, { bodyBytes: BYTES, formBytes: 0 }) : undefined
  try {
    const made = newClient(registrationWish(text), TERMS)
    await addClient(store, made.client)
    return oauthAnswer(201, registered(made))
  } catch (error) {
    if (error instanceof ClientRefusal) return oauthError(400, error.code, error.message)
    throw error
  }
}

/** RFC 7591 §3.2.1: all that was registered, as it was. */
function registered({ client, secret }: NewClient): object {
  const { _id, name, kind, created, redirectUris, grants, scope, native, jwks, jwksUri, logoUri } = client
  return {
    client_id: _id,
    client_id_issued_at: Math.floor(created.getTime() / 1000),
    ...(secret !== undefined && { client_secret: secret, client_secret_expires_at: 0 }),
    client_name: name,
    ...{ redirect_uris: redirectUris, grant_types: grants, response_types: responseTypes(client) },
    ...{ token_endpoint_auth_method: METHODS[kind], application_type: native ? 'native' : 'web', scope },
    ...(jwks && { jwks }),
    ...(jwksUri !== undefined && { jwks_uri: jwksUri }),
    ...(logoUri !== undefined && { logo_uri: logoUri }),
    // of ours: it cannot do anything before it is approved
    status: client.state,
  }
}

function responseTypes({ grants }: ClientDocument): string[] {
  return grants.includes('authorization_code') ? ['code'] : []
}
