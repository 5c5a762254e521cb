/**
 * Asks for paths over keep-alive connections, one request at a time on each: a process of its own.
 *
 * On plain sockets, since an HTTP client costs as much CPU as the server it measures, on the same cores.
 */
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { quantile } from './statistics.ts'

export interface LoadOrder {
  readonly port: number
  readonly connections: number
  readonly milliseconds: number
  /** any of them at random */
  readonly paths: readonly Asked[]
}

/** A path under /fhir/R4/, or from the root with a slash: read, or with a body that is posted to it, or by a token. */
export type Asked = string | { readonly path: string; readonly body?: string; readonly token?: string }

export interface LoadResult {
  readonly requests: number
  readonly seconds: number
  /** milliseconds from the question to the whole answer */
  readonly p50: number
  readonly p95: number
}

const HEAD_END = '\r\n\r\n'

process.on('message', (order: LoadOrder) => void run(order).then((result) => process.send?.(result)))

async function run(order: LoadOrder): Promise<LoadResult> {
  const start = performance.now()
  const times: number[] = []
  const end = start + order.milliseconds
  await Promise.all(Array.from({ length: order.connections }, () => askUntil(order, end, times)))
  const seconds = (performance.now() - start) / 1000
  return { requests: times.length, seconds, p50: quantile(times, 0.5), p95: quantile(times, 0.95) }
}

/** One connection's answers until `end`. */
function askUntil({ port, paths }: LoadOrder, end: number, times: number[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    let missing = 0
    let asked = 0
    const next = (): void => {
      asked = performance.now()
      ask(socket, paths[Math.floor(Math.random() * paths.length)] ?? '')
    }
    socket.on('connect', next)
    socket.on('data', (chunk) => {
      missing = (missing === 0 ? lengthOf(chunk) : missing) - chunk.length
      if (missing > 0) return
      const now = performance.now()
      times.push(now - asked)
      if (now < end) next()
      else socket.end(resolve)
    })
    socket.on('error', reject)
  })
}

function ask(socket: Socket, asked: Asked): void {
  const { path, body, token } = typeof asked === 'string' ? { path: asked, body: undefined, token: undefined } : asked
  const caller = token === undefined ? '' : `Authorization: Bearer ${token}\r\n`
  const rest = `HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/fhir+json\r\n${caller}`
  if (body === undefined) {
    socket.write(`GET ${placeOf(path)} ${rest}\r\n`)
    return
  }
  const about = `Content-Type: application/fhir+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`
  socket.write(`POST ${placeOf(path)} ${rest}${about}\r\n${body}`)
}

/** Bytes of the whole answer; its head is short enough to arrive at once. */
function lengthOf(chunk: Buffer): number {
  const head = chunk.toString('latin1', 0, chunk.indexOf(HEAD_END))
  const length = /^HTTP\/1\.1 20[01] .*\r\ncontent-length: (\d+)/is.exec(head)?.[1]
  if (length === undefined) throw new Error(`Not an answer of 200 or 201 with its length: ${head}`)
  return head.length + HEAD_END.length + Number(length)
}

function placeOf(path: string): string {
  return path.startsWith('/') ? path : `/fhir/R4/${path}`
}
