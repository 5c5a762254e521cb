/**
 * Whether a request is looked at at all: before its route is known, and again once it is known who asks. What is refused
 * here costs next to nothing.
 */
import type { IncomingMessage } from 'node:http'
import type { Caller } from '../access/caller.ts'
import { GatewayError } from '../kernel/errors.ts'
import type { Answer } from './answer.ts'
import { errorAnswer } from './outcome.ts'
import type { Rates } from './rates.ts'

export interface AdmissionOptions {
  readonly isOurs: (request: IncomingMessage) => boolean
  /** as they are counted; undefined: not counted */
  readonly addressOf: (request: IncomingMessage) => string | undefined
  readonly addresses: Pick<Rates, 'take'>
  readonly clients: Pick<Rates, 'take'>
}

export interface Admission {
  /** Why not. */
  request(request: IncomingMessage): GatewayError | undefined
  caller(caller: Caller): GatewayError | undefined
}

/** Probes come by the address of a machine, and tell nothing of anybody. */
const OPEN = new Set(['/health/live', '/health/ready', '/metrics'])

export function admission({ isOurs, addressOf, addresses, clients }: AdmissionOptions): Admission {
  return {
    request(request) {
      const malformed = malformation(request)
      if (malformed || OPEN.has(request.url ?? '')) return malformed
      if (!isOurs(request)) return new GatewayError('GW_MISDIRECTED', ELSEWHERE)
      const address = addressOf(request)
      const seconds = address === undefined ? undefined : addresses.take(address)
      return seconds === undefined ? undefined : tooMany(seconds)
    },
    caller({ credential }) {
      const seconds = credential === undefined ? undefined : clients.take(credential.client)
      return seconds === undefined ? undefined : tooMany(seconds)
    },
  }
}

const ELSEWHERE = 'This gateway does not answer to that host name: ask at its public address.'

/** What node's parser takes and no client of ours sends: each has been used to have two servers read one request twice. */
function malformation({ method, url = '', rawHeaders }: IncomingMessage): GatewayError | undefined {
  if (method === 'TRACE') return new GatewayError('GW_NOT_ALLOWED', 'TRACE is not answered here.')
  if (!url.startsWith('/')) return new GatewayError('GW_BAD_REQUEST', 'The address of a request begins with a slash.')
  const isTwice = countOf(rawHeaders, 'host') > 1
  return isTwice ? new GatewayError('GW_BAD_REQUEST', 'A request names one host.') : undefined
}

function countOf(rawHeaders: readonly string[], name: string): number {
  let count = 0
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const each = rawHeaders[index] ?? ''
    if (each.length === name.length && each.toLowerCase() === name) count++
  }
  return count
}

function tooMany(retryAfter: number): GatewayError {
  const sentence = `Too many requests within a minute: go on in ${retryAfter} seconds.`
  return new GatewayError('GW_BUSY', sentence, { retryAfter })
}

/** In the words of whoever asks there (RFC 6749 §5.2). */
export function refusalAnswer(error: GatewayError, url: string): Answer {
  const answer = errorAnswer(error)
  if (!url.startsWith('/oauth/')) return answer
  const word = error.status === 429 ? 'temporarily_unavailable' : 'invalid_request'
  const body = JSON.stringify({ error: word, error_description: error.message })
  return { ...answer, headers: { ...answer.headers, 'Content-Type': 'application/json' }, body }
}
