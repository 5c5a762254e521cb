/**
 * How a webhook shows that it is the gateway's (Standard Webhooks, https://www.standardwebhooks.com): HMAC-SHA-256 of id,
 * time and body. The time is that of the try, so that what was overheard cannot be sent again later.
 */
import type { KeyObject } from 'node:crypto'
import { createHmac, createSecretKey } from 'node:crypto'

const PREFIX = 'whsec_'

export interface Signed {
  readonly id: string
  /** seconds since 1970 */
  readonly timestamp: number
  readonly body: string
}

/** Made once: that takes longer than signing with it. */
export function webhookKey(secret: string): KeyObject {
  return createSecretKey(secret.slice(secret.startsWith(PREFIX) ? PREFIX.length : 0), 'base64')
}

/** The headers of a webhook. Each key signs: the receiver needs to know one of them. */
export function webhookHeaders(keys: readonly KeyObject[], signed: Signed): Record<string, string> {
  return {
    'webhook-id': signed.id,
    'webhook-timestamp': String(signed.timestamp),
    'webhook-signature': keys.map((key) => `v1,${signature(key, signed)}`).join(' '),
  }
}

function signature(key: KeyObject, { id, timestamp, body }: Signed): string {
  return createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
}
