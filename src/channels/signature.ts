/**
 * How a webhook shows that it is the gateway's (Standard Webhooks, https://www.standardwebhooks.com): HMAC-SHA-256 of id,
 * time and body. The time is that of the try, so that what was overheard cannot be sent again later.
 */
import { createHmac } from 'node:crypto'

const PREFIX = 'whsec_'

export interface Signed {
  readonly id: string
  /** seconds since 1970 */
  readonly timestamp: number
  readonly body: string
}

/** The headers of a webhook. Each secret signs: the receiver needs to know one of them. */
export function webhookHeaders(secrets: readonly string[], signed: Signed): Record<string, string> {
  return {
    'webhook-id': signed.id,
    'webhook-timestamp': String(signed.timestamp),
    'webhook-signature': secrets.map((secret) => `v1,${signature(secret, signed)}`).join(' '),
  }
}

function signature(secret: string, { id, timestamp, body }: Signed): string {
  const key = Buffer.from(secret.slice(secret.startsWith(PREFIX) ? PREFIX.length : 0), 'base64')
  return createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
}
