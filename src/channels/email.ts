/**
 * Email by the clinic's mail server (nodemailer over SMTP), by connections that are kept and used again: loaded and opened
 * with the first message.
 */
import type { NodemailerError } from 'nodemailer'
import { LaterError, RefusedError } from '../outbound/failures.ts'
import { isInternalHost } from '../outbound/network-address.ts'
import type { Channel } from './channel.ts'
import { mailOf } from './mail.ts'

export interface EmailOptions {
  readonly url: string
  readonly from: string
}

export interface EmailChannel extends Channel {
  close(): void
}

const CONNECTIONS = 5
const TIMES = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 30_000, dnsTimeout: 10_000 }
/** Where a refusal is of this message; anywhere else it is of ourselves, and somebody may mend that. */
const OF_MESSAGE = new Set(['RCPT TO', 'DATA'])

export function emailChannel({ url, from }: EmailOptions): EmailChannel {
  const { protocol, hostname } = new URL(url)
  const open = async () =>
    (await import('nodemailer')).createTransport({
      ...{ url, pool: true, maxConnections: CONNECTIONS, ...TIMES },
      // Outside of networks of one's own nobody on the way reads along, or nothing is sent
      requireTLS: protocol === 'smtp:' && !isInternalHost(hostname),
    })
  let transport: ReturnType<typeof open> | undefined = undefined
  return {
    code: 'email',
    async send(message, signal) {
      const mail = mailOf(message, from)
      try {
        await (await (transport ??= open())).sendMail({ ...mail, ...(signal && { signal }) })
      } catch (error) {
        throw failureOf(error as NodemailerError)
      }
    },
    close: () => void transport?.then((opened) => opened.close()),
  }
}

/** In words of our own: what the server says may name whom the message is for. */
function failureOf(error: NodemailerError): Error {
  const { permanent = false, command = '', responseCode, code = 'no answer' } = error
  if (responseCode === undefined) return new LaterError(`the mail server cannot be used (${code})`)
  const sentence = `the mail server answered ${responseCode}`
  return permanent && OF_MESSAGE.has(command) ? new RefusedError(sentence) : new LaterError(sentence)
}
