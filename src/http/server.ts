/** The HTTP server: its time limits (node's own are for a friendlier world), listening and draining. */
import { createServer } from 'node:http'
import type { RequestListener, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { StartError } from '../kernel/errors.ts'
import { defaultLimits } from '../kernel/limits.ts'
import type { Limits } from '../kernel/limits.ts'
import { answerClientError } from './client-error.ts'
import type { Messages } from './messages.ts'

const DRAIN_LIMIT = 10_000
const SWEEP = 20

export interface Listening {
  readonly port: number
  /** No new requests; those at work finish, at most ten seconds. */
  close(): Promise<void>
}

/** Who answers, and which messages it is given; none: node's own. */
export type Listener = RequestListener & Partial<Messages>

/** How often connections are looked at for their time: node's own half a minute would double every limit. */
const TIMES = {
  ...{ headersTimeout: 10_000, keepAliveTimeout: 10_000 },
  connectionsCheckingInterval: 2_000,
}

export async function listen(
  listener: Listener,
  host: string,
  port: number,
  { headerBytes, connections, uploadMilliseconds }: Limits = defaultLimits,
): Promise<Listening> {
  const { IncomingMessage, ServerResponse } = listener
  const messages = IncomingMessage && ServerResponse && { IncomingMessage, ServerResponse }
  const limits = { ...TIMES, requestTimeout: uploadMilliseconds, maxHeaderSize: headerBytes }
  const server = createServer({ ...limits, ...messages }, listener)
  server.maxConnections = connections
  // `100 Continue` is said by whoever reads the body, not before it is known to be wanted
  server.on('checkContinue', listener).on('clientError', answerClientError)
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(startError(error, host, port)))
    server.listen(port, host, resolve)
  })
  return { port: (server.address() as AddressInfo).port, close: () => drain(server) }
}

function startError(error: NodeJS.ErrnoException, host: string, port: number): StartError {
  if (error.code === 'EADDRINUSE') {
    return new StartError(`Port ${port} is in use: stop the other program, or set PORT to another one.`)
  }
  return new StartError(
    `The gateway cannot listen on ${host}:${port} (${error.code ?? error.message}); check HOST and PORT.`,
  )
}

async function drain(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve())
  })
  // A connection whose request finishes now would be kept alive for the next one, and hold everything up
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP)
  const limit = setTimeout(() => server.closeAllConnections(), DRAIN_LIMIT)
  await closed
  clearInterval(sweep)
  clearTimeout(limit)
}
