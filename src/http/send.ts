/** Writes an answer. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream'
import type { Answer } from './answer.ts'
import { hasBody } from './body.ts'
import { prettyJson } from './media.ts'

/** How long what is still being sent is read and thrown away after its answer. */
const LINGER = 1000

/** Bytes that leave together with the head, when node is given each of them as a character; more are sent as they are. */
const ONE_PIECE = 65_536

export function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body, stream }: Answer,
  pretty = false,
): void {
  const text = body !== undefined && pretty ? prettyJson(body.toString()) : body
  const length = text === undefined ? undefined : Buffer.byteLength(text)
  const isUnread = hasBody(request) && !request.complete
  response.writeHead(status, {
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...headers,
    ...(isUnread && { Connection: 'close' }),
    ...(length !== undefined && { 'Content-Length': length }),
  })
  if (stream) {
    sendStream(request, response, stream)
    return
  }
  const content = request.method === 'HEAD' ? undefined : text
  if (isUnread) linger(request, response, content)
  else if (content instanceof Buffer && content.length < ONE_PIECE) response.end(content.toString('latin1'), 'latin1')
  else response.end(content)
}

/** What breaks on its way can be told by breaking the connection only: the status is sent. */
function sendStream(request: IncomingMessage, response: ServerResponse, stream: Readable): void {
  if (request.method !== 'HEAD') {
    pipeline(stream, response, () => undefined)
    return
  }
  stream.destroy()
  response.end()
}

/** A connection that is closed under a client who is still sending takes the answer along: it is given time to read. */
function linger(request: IncomingMessage, response: ServerResponse, content: string | Buffer | undefined): void {
  if (content === undefined) response.flushHeaders()
  else response.write(content)
  const timer = setTimeout(end, LINGER)
  function end(): void {
    clearTimeout(timer)
    response.end()
  }
  request.once('end', end).once('close', end).resume()
}
