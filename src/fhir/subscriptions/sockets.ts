/**
 * Websockets (R4 subscription.html#websockets, bound with a token as the Subscriptions R5 Backport has it): a connection is
 * bound by `bind-with-token`, told with a handshake, and from then on of what was not sent yet and of what comes.
 *
 * A receiver acknowledges nothing: what was handed to the network counts as sent, and $events gives what got lost there.
 */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer } from 'ws'
import type { Logger } from '../../kernel/logger.ts'
import { notifications } from '../../kernel/metrics.ts'
import { steadily } from '../../kernel/steadily.ts'
import { addAudit } from '../../store/audit.ts'
import { findBinding } from '../../store/bindings.ts'
import { countEvents, readEvents } from '../../store/subscription-events.ts'
import type { SubscriptionDocument } from '../../store/subscription-documents.ts'
import { advanceSubscription, findSubscriptions, revokeSubscription } from '../../store/subscriptions.ts'
import type { NotificationType, SeenEvent } from './notification.ts'
import { notificationText, placeOf, seenEvents } from './notification.ts'
import { disclosures } from './on-record.ts'
import type { Rights, RightsOptions } from './rights.ts'
import { rightsOf } from './rights.ts'
import { socketTenant } from './socket-address.ts'

export interface SocketParts extends RightsOptions {
  readonly log: Logger
}

/** One subscription on one connection. */
interface Bound {
  readonly socket: WebSocket
  readonly until: Date
  /** number of the last event that was sent here */
  sent: number
  heard: number
}

/** Milliseconds between two looks, and in which a connection must be bound. */
const LOOK = 200
const PATIENCE = 10_000
const ALIVE = 30_000
const MESSAGE_BYTES = 4_096
const BIND = /^bind-with-token:?\s+([\w-]{20,100})\s*$/
/** RFC 6455 §7.4.1 */
const POLICY = 1008
const GOING_AWAY = 1001

export class SubscriptionSockets {
  readonly #parts: SocketParts
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: MESSAGE_BYTES, perMessageDeflate: false })
  readonly #stop = new AbortController()
  readonly #bound = new Map<string, Set<Bound>>()
  readonly #looking: Promise<void>
  readonly #pinging: NodeJS.Timeout

  constructor(parts: SocketParts) {
    this.#parts = parts
    const failed = (error: unknown): void => parts.log.warn({ err: error }, 'websockets cannot be told at the moment')
    this.#looking = steadily(() => this.#look(), { signal: this.#stop.signal, pause: LOOK, retry: LOOK * 5, failed })
    this.#pinging = setInterval(() => this.#ping(), ALIVE).unref()
  }

  /** Is it asked for here? Anything else that would like another protocol is answered as it is. */
  isFor({ url, headers }: IncomingMessage): boolean {
    return headers.upgrade?.toLowerCase() === 'websocket' && socketTenant(url) !== undefined
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const tenant = socketTenant(request.url) ?? ''
    this.#server.handleUpgrade(request, socket, head, (connected) => this.#connect(connected, tenant))
  }

  async close(): Promise<void> {
    this.#stop.abort()
    clearInterval(this.#pinging)
    for (const socket of this.#server.clients) socket.close(GOING_AWAY)
    await this.#looking
    for (const socket of this.#server.clients) socket.terminate()
    this.#server.close()
  }

  #connect(socket: WebSocket, tenant: string): void {
    const impatient = setTimeout(() => socket.close(POLICY, 'bind-with-token is awaited'), PATIENCE)
    socket.on('error', () => undefined)
    socket.on('pong', () => alive.add(socket))
    socket.on('close', () => {
      clearTimeout(impatient)
      this.#forget(socket)
    })
    alive.add(socket)
    socket.on('message', (data: Buffer) => {
      clearTimeout(impatient)
      this.#bind(socket, tenant, data.toString()).catch((error: unknown) => {
        this.#parts.log.warn({ err: error }, 'a websocket could not be bound')
        socket.close(POLICY, 'it cannot be bound now')
      })
    })
  }

  async #bind(socket: WebSocket, tenant: string, text: string): Promise<void> {
    const { store } = this.#parts
    const [, token] = BIND.exec(text) ?? []
    const binding = token === undefined ? undefined : await findBinding(store, token)
    if (binding?.t !== tenant) {
      socket.close(POLICY, 'the token is unknown here, or over')
      return
    }
    for (const subscription of await findSubscriptions(store, binding.subscriptions)) {
      const { _id, sent } = subscription
      const count = (await countEvents(store, [_id])).get(_id) ?? 0
      await sendTo(socket, textOf('handshake', subscription, count))
      const bound = { socket, until: binding.expires, sent: Math.max(sent, this.#lastSent(_id)), heard: Date.now() }
      const others = [...(this.#bound.get(_id) ?? [])].filter((each) => each.socket !== socket)
      this.#bound.set(_id, new Set([...others, bound]))
    }
  }

  /** Others on this gateway may be ahead of what is written down. */
  #lastSent(id: string): number {
    return Math.max(0, ...[...(this.#bound.get(id) ?? [])].map(({ sent }) => sent))
  }

  #forget(socket: WebSocket): void {
    for (const [id, all] of this.#bound) {
      for (const bound of all) if (bound.socket === socket) all.delete(bound)
      if (all.size === 0) this.#bound.delete(id)
    }
  }

  async #look(): Promise<void> {
    const { store } = this.#parts
    const ids = [...this.#bound.keys()]
    if (ids.length === 0) return
    const counts = await countEvents(store, ids)
    const isWaiting = (id: string, { sent, heard, until }: Bound): boolean =>
      sent < (counts.get(id) ?? 0) || until <= new Date() || Date.now() - heard >= LEAST_HEARTBEAT
    const waiting = ids.filter((id) => [...(this.#bound.get(id) ?? [])].some((bound) => isWaiting(id, bound)))
    for (const subscription of await findSubscriptions(store, waiting)) {
      const bound = [...(this.#bound.get(subscription._id) ?? [])]
      const count = counts.get(subscription._id) ?? 0
      await Promise.all(bound.map((each) => this.#tell(each, subscription, count).catch(() => each.socket.terminate())))
    }
  }

  async #tell(bound: Bound, subscription: SubscriptionDocument, count: number): Promise<void> {
    const { store } = this.#parts
    const { _id, wish } = subscription
    const { socket } = bound
    const rights = await this.#rightsOf(bound, subscription)
    if (typeof rights === 'string') {
      socket.close(POLICY, rights)
      return
    }
    const { heartbeat, maxCount } = wish.channel
    const found = await readEvents(store, _id, { from: bound.sent + 1 }, maxCount)
    const events = await seenEvents(store, rights, found)
    if (events.length > 0) {
      await addAudit(store, disclosures(subscription, events))
      await sendTo(socket, textOf('event-notification', subscription, count, events))
      bound.sent = found.at(-1)?.n ?? bound.sent
      notifications.inc({ channel: 'websocket', outcome: 'taken' }, events.length)
      await advanceSubscription(store, _id, bound.sent)
    } else if (heartbeat !== undefined && Date.now() - bound.heard >= heartbeat * 1_000) {
      await sendTo(socket, textOf('heartbeat', subscription, count))
    } else return
    bound.heard = Date.now()
  }

  /** Or why it ends here. */
  async #rightsOf({ until }: Bound, { _id, t, creator, state, revoked }: SubscriptionDocument): Promise<Rights> {
    if (until <= new Date()) return 'the token is over: bind with another one'
    if (state === 'off' || revoked) return 'the Subscription is off'
    const rights = await rightsOf(this.#parts, t, creator)
    if (typeof rights !== 'string') return rights
    await revokeSubscription(this.#parts.store, _id, rights)
    return 'the rights it was made with are gone'
  }

  /** Connections whose other end has gone without a word. */
  #ping(): void {
    for (const socket of this.#server.clients) {
      if (!alive.delete(socket)) socket.terminate()
      else socket.ping()
    }
  }
}

const LEAST_HEARTBEAT = 1_000
const alive = new WeakSet<WebSocket>()

/** R4's own form is a word and the id; both are texts. */
function textOf(
  type: NotificationType,
  subscription: SubscriptionDocument,
  count: number,
  events: readonly SeenEvent[] = [],
): string {
  if (subscription.wish.channel.content) return notificationText({ type, subscription, count, events })
  const [, id = ''] = placeOf(subscription._id).split('/')
  return type === 'handshake' ? `bound ${id}` : `ping ${id}`
}

/** Done when it was handed to the network. */
function sendTo(socket: WebSocket, text: string): Promise<void> {
  if (socket.readyState !== WebSocket.OPEN) return Promise.reject(new Error('the connection is closed'))
  return new Promise((resolve, reject) => {
    socket.send(text, (error) => {
      if (error) reject(error)
      else resolve()
    })
  })
}
