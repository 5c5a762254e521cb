/** A real SMTP server on loopback, which keeps what it takes. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'
import type { SMTPServerOptions } from 'smtp-server'

export interface Mail {
  readonly to: readonly string[]
  /** as it was sent */
  readonly source: string
  /** as sent, of lines folded together */
  readonly headers: ReadonlyMap<string, string>
}

export interface MailServer {
  /** `smtp://127.0.0.1:<port>` */
  readonly url: string
  readonly mails: readonly Mail[]
  stop(): Promise<void>
}

export async function mailServer(options: SMTPServerOptions = {}): Promise<MailServer> {
  const mails: Mail[] = []
  const server = new SMTPServer({
    ...{ authOptional: true, disabledCommands: ['STARTTLS'], logger: false, closeTimeout: 100 },
    onData(stream, { envelope }, done) {
      const take = (chunks: Buffer[]): void => {
        const source = Buffer.concat(chunks).toString('utf8')
        mails.push({ to: envelope.rcptTo.map(({ address }) => address), source, headers: headersOf(source) })
        done()
      }
      // Of half a message nothing is kept
      void stream.toArray().then(take, done)
    },
    ...options,
  })
  server.on('error', () => undefined)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.server.address() as AddressInfo
  return { url: `smtp://127.0.0.1:${port}`, mails, stop: () => new Promise((resolve) => server.close(resolve)) }
}

function headersOf(source: string): Map<string, string> {
  const head = source.slice(0, source.indexOf('\r\n\r\n')).replace(/\r\n(?=[ \t])/g, '')
  return new Map(
    head.split('\r\n').map((line) => {
      const [name = '', ...value] = line.split(':')
      return [name.toLowerCase(), value.join(':').trim()]
    }),
  )
}
