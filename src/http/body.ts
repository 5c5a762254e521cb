/**
 * The body of a request as text: JSON or a form in UTF-8, within its limit. What says that it is larger is refused before
 * a byte of it is read, what turns out to be (also by inflating) as soon as it does.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import { GatewayError } from '../kernel/errors.ts'
import type { Limits } from '../kernel/limits.ts'
import { isFormType, isJsonType } from './media.ts'

export type BodyLimits = Pick<Limits, 'bodyBytes' | 'formBytes'>

const inflaters = { gzip: createGunzip, 'x-gzip': createGunzip, deflate: createInflate, br: createBrotliDecompress }

/** Undefined when there is none, or one that is not read here: whoever needs it says what it must be. */
export async function readBody(
  request: IncomingMessage,
  response: ServerResponse,
  { bodyBytes, formBytes }: BodyLimits,
): Promise<string | undefined> {
  const { headers } = request
  if (!hasBody(request)) return undefined
  const isForm = isFormType(headers['content-type'])
  if (!isForm && !isJsonType(headers['content-type'])) return undefined
  const limit = isForm ? formBytes : bodyBytes
  const content = inflated(request)
  if (Number(headers['content-length'] ?? 0) > limit) throw tooLarge(limit)
  if (headers.expect !== undefined) response.writeContinue()
  return decoded(await collect(content, request, limit))
}

/** The bytes as they come, whatever they are: who reads them counts them. */
export function contentOf(request: IncomingMessage, response: ServerResponse): Readable {
  const content = inflated(request)
  if (request.headers.expect !== undefined) response.writeContinue()
  return content
}

export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

function inflated(request: IncomingMessage): Readable {
  const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase()
  if (encoding === 'identity') return request
  if (!Object.hasOwn(inflaters, encoding)) {
    throw new GatewayError('GW_MEDIA_TYPE', 'This Content-Encoding is not read here: send gzip, deflate, br or none.')
  }
  const inflater = inflaters[encoding as keyof typeof inflaters]()
  // What a client leaves in the middle has no end by itself
  request.once('close', () => request.complete || inflater.destroy(unreadable()))
  return request.pipe(inflater)
}

/** For JSON and forms; files have longer (src/http/server.ts). */
const ARRIVAL = 30_000

function collect(content: Readable, request: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const refuse = (error: GatewayError): void => {
      clearTimeout(timer)
      content.removeAllListeners('data')
      if (content !== request) {
        request.unpipe()
        content.destroy()
      }
      reject(error)
    }
    const timer = setTimeout(() => refuse(tooSlow()), ARRIVAL)
    content
      .on('data', (chunk: Buffer) => {
        size += chunk.length
        if (size > limit) refuse(tooLarge(limit))
        else chunks.push(chunk)
      })
      .on('end', () => {
        clearTimeout(timer)
        resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks))
      })
      .on('error', () => refuse(unreadable()))
    // After its end a request is closed too, while what it inflates to is still coming
    request.once('close', () => request.complete || refuse(unreadable()))
  })
}

/** Bytes that are no UTF-8 would become another text. */
function decoded(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new GatewayError('GW_INVALID_JSON', 'The body is no UTF-8.', { cause })
  }
}

function tooLarge(limit: number): GatewayError {
  return new GatewayError('GW_TOO_LARGE', `The body of this request may have at most ${limit} bytes here.`)
}

function tooSlow(): GatewayError {
  return new GatewayError('GW_SLOW_REQUEST', 'The request took too long to arrive: send it again.')
}

function unreadable(): GatewayError {
  return new GatewayError('GW_BAD_REQUEST', 'The body of the request ended early or is not packed as it says.')
}
