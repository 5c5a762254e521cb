/**
 * Opaque tokens for other pages: where a page begins or ends and the moment that all pages are read at, sealed together
 * with the query they belong to.
 *
 * Encrypted (AES-256-GCM), because sort values are names and birth dates and a URL of ours holds no PHI. A changed
 * token, one of another query or of another caller does not open, so pages never shift. It grants nothing: the Permit is
 * in every query.
 */
import type { KeyObject } from 'node:crypto'
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { GatewayError } from '../kernel/errors.ts'

/** A sort value as JSON can carry it; null: the resource has none; `$below`: it is less than any number. */
export type TokenValue = string | number | null | { readonly $date: string } | { readonly $below: true }

export interface Position {
  /** one of each rule of the order, the last of which is the id */
  readonly values: readonly TokenValue[]
}

export interface PageMark {
  /** of the database: when the first page was read */
  readonly moment: string
  /** the same by the gateway's clock, in milliseconds */
  readonly now: number
  readonly total?: number
  /** the page begins after it, or ends before it; none: the first page */
  readonly position?: Position
  readonly back?: true
}

/**
 * 256 bits that all gateways of one database share, so that any of them can give the next page. As an object of node's: of
 * bytes it makes one each time, which takes three times as long as what is then done with it.
 */
export type PageKey = KeyObject

const CIPHER = 'aes-256-gcm'
const IV = 12
const TAG = 16

export function writeToken(key: PageKey, query: string, mark: PageMark): string {
  const iv = randomBytes(IV)
  const cipher = createCipheriv(CIPHER, key, iv).setAAD(Buffer.from(query))
  const text = Buffer.concat([cipher.update(JSON.stringify(mark)), cipher.final()])
  return Buffer.concat([iv, cipher.getAuthTag(), text]).toString('base64url')
}

export function readToken(key: PageKey, query: string, token: string): PageMark {
  try {
    const bytes = Buffer.from(token, 'base64url')
    const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, IV), { authTagLength: TAG })
    decipher.setAAD(Buffer.from(query)).setAuthTag(bytes.subarray(IV, IV + TAG))
    const text = Buffer.concat([decipher.update(bytes.subarray(IV + TAG)), decipher.final()])
    return JSON.parse(text.toString()) as PageMark
  } catch (cause) {
    const sentence = 'The page token is not of this query: follow the "next" link as it was given.'
    throw new GatewayError('GW_BAD_REQUEST', sentence, { cause })
  }
}
