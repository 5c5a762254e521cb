/** A message as an email: plain text and HTML of one content, with the id that tells a repeated one (RFC 5322 §3.6.4). */
import type { SendMailOptions } from 'nodemailer'
import { RefusedError } from '../outbound/failures.ts'
import type { Message } from './channel.ts'
import { messageKey } from './message-key.ts'

/** One address and nothing that mail programs read more into: no group, no list, no name. */
const ADDRESS = /^[^\s<>(),:;"\\[\]@]{1,64}@[^\s<>(),:;"\\[\]@]{1,253}$/u

/** `from`: `Clinic <no-reply@clinic.example>`. Throws a RefusedError where there is no address to write to. */
export function mailOf(message: Message, from: string): SendMailOptions {
  const { id, to, subject, text, html, language, unsubscribe } = message
  if (!ADDRESS.test(to)) throw new RefusedError('the address is no email address')
  return {
    ...{ from, to: { name: '', address: to }, subject, text, ...(html !== undefined && { html }) },
    messageId: `<${messageKey(id)}@${domainOf(from)}>`,
    headers: {
      // No answer by machines, please (RFC 3834)
      ...{ 'Auto-Submitted': 'auto-generated', 'Content-Language': language },
      // One click and no page between (RFC 8058)
      ...(unsubscribe !== undefined && { 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' }),
    },
    ...(unsubscribe !== undefined && { list: { unsubscribe: { url: unsubscribe } } }),
    ...{ disableFileAccess: true, disableUrlAccess: true },
  }
}

function domainOf(from: string): string {
  return /@([^\s<>@]+)>?$/.exec(from)?.[1] ?? 'localhost'
}
