/** The lines of a stream of bytes, each as text: not one that is no UTF-8, and none that is too long to be held. */
import type { Readable } from 'node:stream'
import { GatewayError } from '../kernel/errors.ts'

/** What is wrong with a line stands where its text would. */
export type Line = string | GatewayError

const NEWLINE = 0x0a

export async function* linesOf(content: Readable, most: number): AsyncGenerator<Line> {
  let held: Buffer[] = []
  let size = 0
  const take = (bytes: Buffer): void => {
    size += bytes.length
    // The rest of what is too long is passed over
    if (size <= most) held.push(bytes)
  }
  const end = (): Line => {
    const line = size > most ? tooLong(most) : decoded(Buffer.concat(held))
    held = []
    size = 0
    return line
  }
  for await (const chunk of content) {
    const bytes = chunk as Buffer
    let start = 0
    for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, start)) {
      take(bytes.subarray(start, at))
      yield end()
      start = at + 1
    }
    if (start < bytes.length) take(bytes.subarray(start))
  }
  if (size > 0) yield end()
}

function decoded(bytes: Buffer): Line {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    return new GatewayError('GW_INVALID_JSON', 'The line is no UTF-8.', { cause })
  }
}

function tooLong(most: number): GatewayError {
  return new GatewayError('GW_TOO_LARGE', `A line may have at most ${most} bytes here.`)
}
