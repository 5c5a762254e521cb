/** Writes an answer. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream'
import type { Answer } from './answer.ts'
import { hasBody } from './body.ts'
import { prettyJson } from './media.ts'
import { LARGE, pack, packingFor } from './packing.ts'

/** How long what is still being sent is read and thrown away after its answer. */
const LINGER = 1000

type Content = string | Buffer | undefined

export function send(request: IncomingMessage, response: ServerResponse, answer: Answer, pretty = false): void {
  const { body } = answer
  const text = body !== undefined && pretty ? prettyJson(body.toString()) : body
  const length = text === undefined ? 0 : Buffer.byteLength(text)
  if (text === undefined || length < LARGE) {
    sendPlain(request, response, answer, text)
    return
  }
  const vary = { Vary: [answer.headers?.['Vary'], 'Accept-Encoding'].filter((each) => each !== undefined).join(', ') }
  const packing = packingFor(request.headers['accept-encoding'])
  if (!packing) {
    sendPlain(request, response, { ...answer, headers: { ...answer.headers, ...vary } }, text)
    return
  }
  const headers = { ...answer.headers, ...vary, 'Content-Encoding': packing }
  pack(text, packing).then(
    (bytes) => sendPlain(request, response, { ...answer, headers }, bytes),
    () => response.destroy(),
  )
}

function sendPlain(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, stream }: Answer,
  text: Content,
): void {
  const isUnread = hasBody(request) && !request.complete
  response.writeHead(status, {
    ...headers,
    ...(isUnread && { Connection: 'close' }),
    ...(text !== undefined && { 'Content-Length': Buffer.byteLength(text) }),
  })
  const content = request.method === 'HEAD' ? undefined : text
  if (stream) sendStream(request, response, stream)
  else if (isUnread) linger(request, response, content)
  else sendContent(response, content)
}

/** Answers that are ready. */
const ready: { readonly response: ServerResponse; readonly content: Content }[] = []

/**
 * Those of one turn of the event loop leave right after one another. One by one, as each is made, every one of them would
 * wake a client who has just gone back to sleep, which costs this program more than the writing.
 */
function sendContent(response: ServerResponse, content: Content): void {
  if (ready.push({ response, content }) === 1) process.nextTick(sendReady)
}

function sendReady(): void {
  for (const { response, content } of ready.splice(0)) {
    // With each byte as a character, node sends head and body in one piece
    if (content instanceof Buffer && content.length < LARGE) response.end(content.toString('latin1'), 'latin1')
    else response.end(content)
  }
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
function linger(request: IncomingMessage, response: ServerResponse, content: Content): void {
  if (content === undefined) response.flushHeaders()
  else response.write(content)
  const timer = setTimeout(end, LINGER)
  function end(): void {
    clearTimeout(timer)
    response.end()
  }
  request.once('end', end).once('close', end).resume()
}
