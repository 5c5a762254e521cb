/**
 * /console/queues: what is in the queues, for who runs the gateway. Queues hold names of all tenants, so it is for accounts
 * of the tenant `default`, whose clinic runs it, with the permission jobs:manage.
 */
import type { Request as HttpRequest, Response as HttpResponse } from 'express'
import type { Caller } from '../access/caller.ts'
import type { Answer } from '../http/answer.ts'
import type { OtherApi } from '../http/app.ts'
import { errorAnswer, isDefect } from '../http/outcome.ts'
import { GatewayError } from '../kernel/errors.ts'
import type { Board } from '../queue/board.ts'

export const QUEUES_PATH = '/console/queues'
const PERMISSION = 'jobs:manage'
const SIGN_IN = `/oauth/staff?next=${QUEUES_PATH}`

export interface QueuesOptions {
  readonly board: Board
  readonly origin: () => string
  /** whose browser it is; none while authorization is off: everybody's, on this machine */
  readonly sessionOf?:
    ((request: HttpRequest, response: HttpResponse) => Promise<{ readonly caller: Caller } | undefined>) | undefined
}

export function queuesConsole(options: QueuesOptions): OtherApi {
  return {
    owns: (url) =>
      url.startsWith(QUEUES_PATH) &&
      (url.length === QUEUES_PATH.length || '/?'.includes(url.charAt(QUEUES_PATH.length))),
    async answer(request, response) {
      try {
        return { ...(await pageFor(options, request, response)), interaction: 'queues' }
      } catch (error) {
        return { ...sentence(error), interaction: 'queues', ...(isDefect(error) && { defects: [error] }) }
      }
    },
    refusal: sentence,
  }
}

/** For people to read. */
function sentence(error: unknown): Answer {
  const { status, headers } = errorAnswer(error)
  const body = error instanceof GatewayError ? error.message : 'Something went wrong; the log of the gateway says what.'
  return { status, headers: { ...headers, 'Content-Type': 'text/plain; charset=utf-8' }, body: `${body}\n` }
}

async function pageFor(options: QueuesOptions, request: HttpRequest, response: HttpResponse): Promise<Answer> {
  const { board, origin, sessionOf } = options
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    throw new GatewayError('GW_NOT_ALLOWED', 'The queues are shown here, and not changed.')
  }
  if (sessionOf) {
    const session = await sessionOf(request, response)
    if (!session) return { status: 303, headers: { Location: SIGN_IN, 'Cache-Control': 'no-store' }, body: '' }
    assertOperator(session.caller)
  }
  const page = await board.answer(new Request(origin() + request.url))
  const type = page.headers.get('Content-Type') ?? 'application/octet-stream'
  const headers = { 'Content-Type': type, 'Cache-Control': 'no-store', 'Content-Security-Policy': POLICY }
  return { status: page.status, headers, body: Buffer.from(await page.arrayBuffer()) }
}

function assertOperator({ permit, credential }: Caller): void {
  const isOperator = permit.tenant === 'default' && credential?.user?.permissions.includes(PERMISSION) === true
  if (!isOperator) throw new GatewayError('GW_FORBIDDEN', `This needs a role with the permission ${PERMISSION}.`)
}

/** Styles are set by the page itself; what it loads and asks is of this origin. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')
