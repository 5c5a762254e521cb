/** What is sent as a stream, up to a limit. */
import type { Readable } from 'node:stream'
import { Transform } from 'node:stream'
import { GatewayError } from '../kernel/errors.ts'

/** A client that goes away in the middle is no end of the content. Throws 413 where there is more of it, called `what`. */
export function bounded(source: Readable, most: number, what: string): Transform {
  let size = 0
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length
      if (size > most) done(new GatewayError('GW_TOO_LARGE', `${what} may have at most ${most} bytes here.`))
      else done(null, chunk)
    },
  })
  const broken = (): void => {
    stream.destroy(
      new GatewayError('GW_BAD_REQUEST', 'The body of the request ended early or is not packed as it says.'),
    )
  }
  source.once('error', broken).once('close', () => source.readableEnded || broken())
  return source.pipe(stream)
}
