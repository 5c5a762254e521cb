/**
 * Opaque tokens for the next page: where the last page ended, bound to the query it belongs to.
 *
 * A token grants nothing (the Permit is in every query anyway); a changed one is refused, so pages never shift.
 */
import { hash } from 'node:crypto'
import { GatewayError } from '../kernel/errors.ts'

/** A sort value as JSON can carry it; null: the resource has none. */
export type TokenValue = string | number | null | { readonly $date: string }

export interface Position {
  readonly values: readonly TokenValue[]
  readonly id: string
}

export function writeToken(query: string, position: Position): string {
  const text = JSON.stringify(position)
  return `${Buffer.from(text).toString('base64url')}.${seal(query, text)}`
}

export function readToken(query: string, token: string): Position {
  const [encoded = '', sealed = ''] = token.split('.')
  const text = Buffer.from(encoded, 'base64url').toString()
  if (sealed !== seal(query, text)) {
    throw new GatewayError(
      'GW_BAD_REQUEST',
      'The page token is not of this query: follow the "next" link as it was given.',
    )
  }
  return JSON.parse(text) as Position
}

function seal(query: string, text: string): string {
  return hash('sha256', `${query}\n${text}`, 'base64url').slice(0, 16)
}
