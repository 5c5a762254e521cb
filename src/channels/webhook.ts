/** SMS and pushes by a signed webhook: what the clinic's own provider of them is asked to send. */
import type { Outbound } from '../outbound/outbound.ts'
import { LaterError } from '../outbound/failures.ts'
import { assertTaken } from '../outbound/taken.ts'
import type { Channel, ChannelCode, Message } from './channel.ts'
import { messageKey } from './message-key.ts'
import { webhookHeaders, webhookKey } from './signature.ts'

export interface WebhookOptions {
  readonly code: ChannelCode
  readonly url: string
  readonly secrets: readonly string[]
  readonly outbound: Outbound
  readonly now?: () => number
}

const PATIENCE = 10_000
/** Only the status counts. */
const BYTES = 65_536

export function webhookChannel({ code, url, secrets, outbound, now = Date.now }: WebhookOptions): Channel {
  const keys = secrets.map(webhookKey)
  return {
    code,
    async send(message, signal) {
      const id = messageKey(message.id)
      const body = webhookBody(code, message)
      const timestamp = Math.floor(now() / 1000)
      const headers = {
        ...{ 'Content-Type': 'application/json', 'Idempotency-Key': id },
        ...webhookHeaders(keys, { id, timestamp, body }),
      }
      const limits = { milliseconds: PATIENCE, bytes: BYTES, ...(signal && { signal }) }
      const answer = await outbound.call({ url, method: 'POST', headers, body, ...limits }).catch((cause: unknown) => {
        // Nothing of what went wrong on the way may name the address it went to
        throw new LaterError(`the receiver of ${code} messages does not answer`, undefined, { cause })
      })
      assertTaken(answer)
    },
  }
}

/** What the provider is told: whom, in which language, what. */
export function webhookBody(code: ChannelCode, message: Message): string {
  const { id, kind, language, to, subject, text } = message
  const title = code === 'push' ? { title: subject } : {}
  return JSON.stringify({ id: messageKey(id), channel: code, kind, language, to, ...title, text })
}
