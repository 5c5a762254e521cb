/** Who calls the FHIR API: the bearer token of a request (RFC 6750), looked up once and remembered for a moment. */
import { hash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Caller } from '../access/caller.ts'
import { nobodyIn } from '../access/caller.ts'
import { callerName } from '../access/caller-name.ts'
import type { Credential, CredentialUser } from '../access/credential.ts'
import { permitOf } from '../access/permit.ts'
import { GatewayError } from '../kernel/errors.ts'
import type { Payload } from '../store/authorization.ts'

export interface AuthenticationOptions {
  /** what was stored of a token that is good now */
  readonly find: (token: string) => Promise<Payload | undefined>
  /** absolute URL of a tenant's FHIR base */
  readonly baseOf: (tenant: string) => string
}

/** What is revoked is refused after this many milliseconds at the latest. */
const REMEMBERED = 5_000
/** Tokens that are remembered at once. */
const MOST = 10_000

interface Known {
  readonly caller: Caller
  /** the FHIR base it is for */
  readonly audience: string
  readonly until: number
}

/** What a server can do is told to everybody (R4 security.html#http). */
const OPEN = /^\/metadata(\?|$)/

export interface Place {
  /** undefined: the one that the token is for */
  readonly tenant: string | undefined
  /** path and query under the FHIR base */
  readonly url: string
}

/** Gives the caller of a request to the FHIR base of `tenant`, or throws 401. */
export function authenticator({ find, baseOf }: AuthenticationOptions) {
  const remembered = new Map<string, Known>()
  const lookUp = async (token: string, isGrave: boolean): Promise<Known | undefined> => {
    const name = hash('sha256', token, 'base64url')
    const known = remembered.get(name)
    if (known && !isGrave && known.until > Date.now()) return known
    remembered.delete(name)
    const payload = await find(token)
    if (!payload) return undefined
    const found = knownBy(payload, name)
    if (remembered.size >= MOST) remembered.clear()
    remembered.set(name, found)
    return found
  }
  return async (request: IncomingMessage, { tenant, url }: Place): Promise<Caller> => {
    const token = bearerToken(request)
    if (token === undefined && tenant !== undefined && OPEN.test(url)) return nobodyIn(tenant)
    const known = token === undefined ? undefined : await lookUp(token, isGrave(request, url))
    if (!known || known.audience !== baseOf(tenant ?? known.caller.permit.tenant))
      throw unauthenticated(token !== undefined)
    return known.caller
  }
}

/** What changes something, and what takes everything out in one go, is done with a token that is good just now. */
function isGrave({ method = '' }: IncomingMessage, url: string): boolean {
  const [path = ''] = url.split('?', 1)
  // However the name is written
  return !['GET', 'HEAD'].includes(method) || path.includes('$export') || path.includes('%')
}

/** Throws 400 where there is more than one. */
export function bearerToken({ headersDistinct }: IncomingMessage): string | undefined {
  const [header, ...more] = headersDistinct['authorization'] ?? []
  if (more.length > 0) throw new GatewayError('GW_BAD_REQUEST', 'A request carries one Authorization header.')
  return /^Bearer +([A-Za-z0-9\-._~+/]+=*) *$/i.exec(header ?? '')?.[1]
}

function unauthenticated(wasSent: boolean): GatewayError {
  return wasSent
    ? new GatewayError('GW_INVALID_TOKEN', 'The access token is unknown here, expired or revoked.')
    : new GatewayError('GW_UNAUTHENTICATED', 'An access token is needed: Authorization: Bearer …')
}

function knownBy(payload: Payload, token: string): Known {
  const credential = credentialIn(payload)
  const { user, client } = credential
  const by = callerName(client, user?.account)
  const until = Math.min(Date.now() + REMEMBERED, Number(payload['exp']) * 1000)
  const grant = payload['grantId'] as string | undefined
  const caller = { permit: permitOf(credential), by, credential, token, ...(grant !== undefined && { grant }) }
  return { caller, audience: String(payload['aud']), until }
}

/** As the authorization server stores it (src/smart/provider.ts, TokenExtra). */
export function credentialIn(payload: Payload): Credential {
  const { tenant, launch, user } = payload['extra'] as {
    readonly tenant: string
    readonly launch: { readonly patient?: string; readonly encounter?: string }
    readonly user?: CredentialUser
  }
  const { patient, encounter } = launch
  return {
    tenant,
    client: payload['clientId'] as string,
    scope: (payload['scope'] as string | undefined) ?? '',
    ...(patient !== undefined && { patient }),
    ...(encounter !== undefined && { encounter }),
    ...(user && { user }),
  }
}
