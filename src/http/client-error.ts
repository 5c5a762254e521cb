/** What node refuses before there is a request: headers that are too long, a request that never ends, what is no HTTP. */
import type { Duplex } from 'node:stream'
import { GatewayError } from '../kernel/errors.ts'
import { errorAnswer } from './outcome.ts'
import { usualHeaders } from './usual-headers.ts'

export function answerClientError({ code }: { readonly code?: string | undefined }, socket: Duplex): void {
  if (code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const { status, headers = {}, body } = errorAnswer(refusalOf(code))
  const lines = Object.entries({
    ...usualHeaders(''),
    ...headers,
    Connection: 'close',
    'Content-Length': Buffer.byteLength(body),
  })
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  socket.end(`HTTP/1.1 ${status} \r\n${head}\r\n${body}`)
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
