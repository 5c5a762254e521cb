/** A real HTTP server on loopback that hears what is sent to it, and answers as a test wants. */
import { once } from 'node:events'
import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TlsOptions } from 'node:tls'

export interface Heard {
  readonly url: string
  readonly method: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface Receiver {
  /** `http://127.0.0.1:<port>` */
  readonly url: string
  readonly heard: readonly Heard[]
  /** connections that were made to it */
  readonly connections: () => number
  stop(): Promise<void>
}

export type Answering = (response: ServerResponse, heard: Heard) => void

const ok: Answering = (response) => response.writeHead(204).end()

/** With a certificate it is one for TLS. */
export async function receiver(answer: Answering = ok, certificate?: TlsOptions): Promise<Receiver> {
  const heard: Heard[] = []
  const listener = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    const { url = '', method = '', headers } = request
    const what = { url, method, headers, body: Buffer.concat(chunks).toString('utf8') }
    heard.push(what)
    answer(response, what)
  }
  const handle = (request: IncomingMessage, response: ServerResponse): void => void listener(request, response)
  const server: Server = certificate ? createTlsServer(certificate, handle) : createServer(handle)
  let connections = 0
  server.on('connection', () => connections++)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const url = `${certificate ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    ...{ url, heard, connections: () => connections },
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
