/** What node refuses before there is a request: headers that are too long, a request that never ends, what is no HTTP. */
import type { Duplex } from 'node:stream'
import { GatewayError } from '../kernel/errors.ts'
import type { Answer } from './answer.ts'
import { errorAnswer } from './outcome.ts'
import { usualHeaders } from './usual-headers.ts'

export interface ClientError {
  readonly code?: string | undefined
  /** what arrived last; of a short request all of it */
  readonly rawPacket?: Buffer
}

/** How it is said to whoever asks there. */
export type Refusal = (error: GatewayError, url: string) => Answer

export function answerClientError(
  { code, rawPacket }: ClientError,
  socket: Duplex,
  refusal: Refusal = errorAnswer,
): void {
  if (code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const { status, headers = {}, body = '' } = refusal(refusalOf(code), urlIn(rawPacket))
  const lines = Object.entries({
    ...usualHeaders(''),
    ...headers,
    Connection: 'close',
    'Content-Length': Buffer.byteLength(body),
  })
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  socket.end(`HTTP/1.1 ${status} \r\n${head}\r\n${body.toString()}`)
}

/** As far as it is seen that a request begins. */
function urlIn(packet: Buffer | undefined): string {
  const [, url = '/'] = /^[A-Z]{3,7} (\/[^\s?]{0,200})/.exec(packet?.toString('latin1', 0, 256) ?? '') ?? []
  return url
}

function refusalOf(code: string | undefined): GatewayError {
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new GatewayError('GW_HEADERS_TOO_LONG', 'Address and headers are longer than is read here: send less.')
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new GatewayError('GW_SLOW_REQUEST', 'The request took too long to arrive: send it again.')
  }
  if (code === 'CONNECT') return new GatewayError('GW_NOT_ALLOWED', 'This is no proxy: CONNECT is not answered here.')
  return new GatewayError('GW_BAD_REQUEST', 'This is no HTTP/1.1 request.')
}
