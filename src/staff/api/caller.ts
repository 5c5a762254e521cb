/** Who asks the staff API: by an access token, or by the session of a browser that came from a page of ours. */
import type { Request, Response } from 'express'
import type { Caller } from '../../access/caller.ts'
import { bearerToken } from '../../http/authentication.ts'
import { GatewayError } from '../../kernel/errors.ts'

/** What a signed-in browser may do, and what shows that a request comes from a page of this origin. */
export interface BrowserSession {
  readonly caller: Caller
  readonly csrf: string
}

export interface CallerParts {
  /** by the bearer token, of whichever tenant it is for; everybody while authorization is off */
  readonly callerOf: (request: Request, place: { readonly tenant: undefined; readonly url: string }) => Promise<Caller>
  /** none while authorization is off */
  readonly sessionOf?: ((request: Request, response: Response) => Promise<BrowserSession | undefined>) | undefined
}

export const CSRF_HEADER = 'x-csrf-token'
const SAFE = ['GET', 'HEAD']

/** Throws 401, or 403 where a browser was sent here by another page. */
export async function findCaller(
  { callerOf, sessionOf }: CallerParts,
  request: Request,
  response: Response,
): Promise<{ readonly caller: Caller; readonly csrf?: string }> {
  if (bearerToken(request) !== undefined || !sessionOf) {
    return { caller: await callerOf(request, { tenant: undefined, url: request.url }) }
  }
  const session = await sessionOf(request, response)
  if (!session) {
    throw new GatewayError(
      'GW_UNAUTHENTICATED',
      'Sign in at /oauth/staff, or send an access token: Authorization: Bearer …',
    )
  }
  if (!SAFE.includes(request.method) && request.headers[CSRF_HEADER] !== session.csrf) {
    throw new GatewayError('GW_FORBIDDEN', 'A change by a browser carries the X-CSRF-Token of GET /api/session.')
  }
  return session
}

/** Throws 403 without the permission. Whoever has everything (authorization is off) has it. */
export function assertPermission({ credential }: Caller, permission: string): void {
  if (!credential || credential.user?.permissions.includes(permission)) return
  throw new GatewayError('GW_FORBIDDEN', `This needs a role with the permission ${permission}.`)
}
