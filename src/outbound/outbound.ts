/**
 * The one way in which the gateway calls addresses that others named (webhooks, subscriptions, key sets): within its reach
 * (reach.ts), no redirect followed, little read, soon over. Nothing is told of who calls.
 */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { Agent as PlainAgent, request as requestPlain } from 'node:http'
import { Agent as TlsAgent, request as requestTls } from 'node:https'
import { timeLimited } from '../kernel/time-limit.ts'
import { reachOf } from './reach.ts'

export interface Call {
  readonly url: string
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** in which all of it must be over */
  readonly milliseconds: number
  /** of the answer's body, at the most */
  readonly bytes: number
  readonly signal?: AbortSignal
}

export interface Called {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** undefined: it was too large, or went on for too long */
  readonly body: string | undefined
}

export interface Outbound {
  /** Rejects where there was no answer at all. */
  readonly call: (call: Call) => Promise<Called>
  /** Throws where an address would not be called, as far as that is known without looking it up. */
  readonly assertWithin: (url: URL) => void
  readonly close: () => void
}

export interface OutboundOptions {
  /** inside, that may be called without TLS too */
  readonly networks: readonly string[]
  /** Connections are used again, so many to a host at the most; none: each call has its own. */
  readonly connections?: number
}

export function outbound({ networks, connections }: OutboundOptions): Outbound {
  const reach = reachOf(networks)
  const kept = { keepAlive: connections !== undefined, maxSockets: connections ?? Infinity }
  const agents = {
    'http:': new PlainAgent({ ...kept, lookup: reach.lookup['http:'] }),
    'https:': new TlsAgent({ ...kept, lookup: reach.lookup['https:'] }),
  }
  return {
    assertWithin: reach.assertWithin,
    async call(call) {
      const url = new URL(call.url)
      reach.assertWithin(url)
      const agent = agents[url.protocol as 'http:' | 'https:']
      const made = async (signal: AbortSignal): Promise<Called> => {
        const response = await answerTo(url, call, agent, signal)
        const { statusCode = 0, headers } = response
        return { status: statusCode, headers, body: await read(response, call.bytes) }
      }
      return timeLimited(call.milliseconds, made, call.signal)
    },
    close() {
      agents['http:'].destroy()
      agents['https:'].destroy()
    },
  }
}

async function answerTo(url: URL, call: Call, agent: PlainAgent, signal: AbortSignal): Promise<IncomingMessage> {
  const { method, headers, body } = call
  const request = url.protocol === 'https:' ? requestTls : requestPlain
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const sent = request(url, { method, headers: { ...headers }, agent, signal }, resolve).once('error', reject)
  sent.end(body)
  try {
    return await promise
  } catch (error) {
    // The other end closed a kept connection just when it was used again: nothing of this call was looked at
    const isStale = sent.reusedSocket && (error as NodeJS.ErrnoException).code === 'ECONNRESET'
    if (isStale && !signal.aborted) return answerTo(url, call, agent, signal)
    throw error
  }
}

/** The status is known by now, and counts whatever becomes of the body. */
async function read(response: IncomingMessage, bytes: number): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length
      // Leaving the loop ends the connection
      if (size > bytes) return undefined
      chunks.push(chunk)
    }
  } catch {
    return undefined
  }
  return Buffer.concat(chunks).toString('utf8')
}
