/** The HTTP server: its time limits (node's own are for a friendlier world), listening and draining. */
import { createServer } from 'node:http'
import type { IncomingMessage, RequestListener, Server, ServerOptions } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { StartError } from '../kernel/errors.ts'
import { defaultLimits } from '../kernel/limits.ts'
import type { Limits } from '../kernel/limits.ts'
import { countedAs } from './client-address.ts'
import { answerClientError } from './client-error.ts'
import type { ClientError, Refusal } from './client-error.ts'
import type { Messages } from './messages.ts'

const DRAIN_LIMIT = 10_000
const SWEEP = 20

/** Who takes over connections that leave HTTP for another protocol. */
export interface Upgrades {
  /** What else asks for another protocol is answered by HTTP (RFC 9110 §7.8). */
  isFor(request: IncomingMessage): boolean
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
}

export interface Connections {
  readonly isProxy?: (from: { readonly socket: Socket }) => boolean
  readonly upgrades?: Upgrades
}

export interface Listening {
  readonly port: number
  /** No new requests; those at work finish, at most ten seconds. */
  close(): Promise<void>
}

/** Who answers, which messages it is given (none: node's own), and how it refuses what is no request. */
export type Listener = RequestListener & Partial<Messages> & { readonly refusal?: Refusal }

/** How often connections are looked at for their time: node's own half a minute would double every limit. */
const TIMES = { keepAliveTimeout: 10_000, connectionsCheckingInterval: 2_000 }
const HEADERS_TIMEOUT = 10_000
/** A connection on which nothing moves: somebody who does not read what was asked for. */
const SILENCE = 60_000

export async function listen(
  listener: Listener,
  host: string,
  port: number,
  limits: Limits = defaultLimits,
  { isProxy = () => false, upgrades }: Connections = {},
): Promise<Listening> {
  const { IncomingMessage, ServerResponse, refusal } = listener
  const messages = IncomingMessage && ServerResponse && { IncomingMessage, ServerResponse }
  const counted = connectionCount(limits.connectionsPerAddress)
  const shouldUpgradeCallback = (request: IncomingMessage): boolean => upgrades?.isFor(request) ?? false
  const server = createServer({ ...strictly(limits), ...messages, shouldUpgradeCallback }, listener)
  if (upgrades) server.on('upgrade', upgrades.upgrade.bind(upgrades))
  server.maxConnections = limits.connections
  server.setTimeout(Math.max(SILENCE, limits.bundleMilliseconds + HEADERS_TIMEOUT))
  server.on('connection', (socket: Socket) => {
    if (!isProxy({ socket })) counted(socket)
  })
  // `100 Continue` is said by whoever reads the body, not before it is known to be wanted
  server
    .on('checkContinue', listener)
    .on('clientError', (error: ClientError, socket) => answerClientError(error, socket, refusal))
  server.on('connect', (_request, socket: Duplex) => answerClientError({ code: 'CONNECT' }, socket))
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(startError(error, host, port)))
    server.listen(port, host, resolve)
  })
  return { port: (server.address() as AddressInfo).port, close: () => drain(server) }
}

/** Node reads HTTP as RFC 9112 says, and nothing that two servers could read differently. */
function strictly({ headerBytes, uploadMilliseconds }: Limits): ServerOptions {
  return {
    ...TIMES,
    ...{ requestTimeout: uploadMilliseconds, headersTimeout: Math.min(HEADERS_TIMEOUT, uploadMilliseconds) },
    ...{ maxHeaderSize: headerBytes, insecureHTTPParser: false, requireHostHeader: true },
  }
}

/** Closes what is one too many from its address. */
function connectionCount(most: number): (socket: Socket) => void {
  const open = new Map<string, number>()
  return (socket) => {
    const address = countedAs(socket.remoteAddress ?? '')
    const count = (open.get(address) ?? 0) + 1
    if (count > most) {
      socket.destroy()
      return
    }
    open.set(address, count)
    socket.once('close', () => {
      const left = (open.get(address) ?? 1) - 1
      if (left === 0) open.delete(address)
      else open.set(address, left)
    })
  }
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
