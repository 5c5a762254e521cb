/**
 * Asks for patients over keep-alive connections, one request at a time on each: a process of its own.
 *
 * On plain sockets, since an HTTP client costs as much CPU as the server it measures, on the same cores.
 */
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { patientId } from './seed.ts'

export interface LoadOrder {
  readonly port: number
  readonly connections: number
  readonly milliseconds: number
  /** ids go up to here */
  readonly patients: number
}

export interface LoadResult {
  readonly requests: number
  readonly seconds: number
}

const HEAD_END = '\r\n\r\n'

process.on('message', (order: LoadOrder) => void run(order).then((result) => process.send?.(result)))

async function run(order: LoadOrder): Promise<LoadResult> {
  const start = performance.now()
  const clients = Array.from({ length: order.connections }, () => askUntil(order, start + order.milliseconds))
  const counts = await Promise.all(clients)
  return {
    requests: counts.reduce((sum, count) => sum + count, 0),
    seconds: (performance.now() - start) / 1000,
  }
}

/** How many answers one connection gets until `end`. */
function askUntil({ port, patients }: LoadOrder, end: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    let count = 0
    let missing = 0
    socket.on('connect', () => ask(socket, patients))
    socket.on('data', (chunk) => {
      missing = (missing === 0 ? lengthOf(chunk) : missing) - chunk.length
      if (missing > 0) return
      count++
      if (performance.now() < end) ask(socket, patients)
      else socket.end(() => resolve(count))
    })
    socket.on('error', reject)
  })
}

function ask(socket: Socket, patients: number): void {
  const id = patientId(Math.floor(Math.random() * patients))
  socket.write(`GET /fhir/R4/Patient/${id} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/fhir+json\r\n\r\n`)
}

/** Bytes of the whole answer; its head is short enough to arrive at once. */
function lengthOf(chunk: Buffer): number {
  const head = chunk.toString('latin1', 0, chunk.indexOf(HEAD_END))
  const length = /^HTTP\/1\.1 200 .*\r\ncontent-length: (\d+)/is.exec(head)?.[1]
  if (length === undefined) throw new Error(`Not an answer of 200 with its length: ${head}`)
  return head.length + HEAD_END.length + Number(length)
}
