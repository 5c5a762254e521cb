/** Real HTTP with connections that are kept, and few of them. */
import { Agent, request } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import { buffer } from 'node:stream/consumers'

export interface Ask {
  readonly method?: string
  /** under the base, or from the root with a slash before it */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export interface Reply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

export interface Client {
  send(base: string, ask: Ask, headers: Readonly<Record<string, string>>): Promise<Reply>
  close(): void
}

export function clientOf(origin: string, connections: number): Client {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const send = (base: string, ask: Ask, headers: Readonly<Record<string, string>>): Promise<Reply> => {
    const { method = 'GET', path, body } = ask
    const url = new URL(path.startsWith('/') ? path : `${base}/${path}`, origin)
    const all = { ...headers, ...(body !== undefined && { 'Content-Length': Buffer.byteLength(body) }), ...ask.headers }
    return new Promise((resolve, reject) => {
      const again = (error: Error): void =>
        // A connection that the server closed as it was taken
        sending.reusedSocket ? void send(base, ask, headers).then(resolve, reject) : reject(error)
      const sending = request(url, { agent, method, headers: all }, (response) => {
        buffer(response).then(
          (bytes) => resolve({ status: response.statusCode ?? 0, headers: response.headers, text: bytes.toString() }),
          reject,
        )
      })
      sending.on('error', again).end(body)
    })
  }
  return { send, close: () => agent.destroy() }
}
