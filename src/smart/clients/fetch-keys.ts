/**
 * A client's key set from its address (SMART 2.2, asymmetric authentication). The address was named by a stranger: only
 * TLS, no redirects, nothing inside of networks, little, and soon (src/outbound).
 */
import type { IncomingHttpHeaders } from 'node:http'
import { outbound } from '../../outbound/outbound.ts'
import { LOOPBACK } from '../../outbound/reach.ts'
import { clientKeys } from './client-jwks.ts'
import type { KeySet } from './client-jwks.ts'

export interface FetchedKeys {
  readonly set: KeySet
  /** how long it may be remembered */
  readonly seconds: number
}

export interface FetchOptions {
  /** of this machine, without TLS: for developers */
  readonly loopback: boolean
}

const BYTES = 65_536
const PATIENCE = 2_500
/** Where the answer says nothing about it, and at the most */
const USUAL = 60
const LONGEST = 3_600

const outside = outbound({ networks: [] })
const here = outbound({ networks: LOOPBACK })

/** Throws when there is no key set to be had there now. */
export async function fetchKeys(url: string, { loopback }: FetchOptions): Promise<FetchedKeys> {
  const asked = { url, headers: { Accept: 'application/json' }, milliseconds: PATIENCE, bytes: BYTES }
  const { status, headers, body } = await (loopback ? here : outside).call({ ...asked, method: 'GET' })
  if (status !== 200) throw new Error(`status ${status}`)
  if (body === undefined) throw new Error('too large, or too slow')
  return { set: clientKeys(JSON.parse(body)), seconds: secondsToKeep(headers) }
}

/** SMART 2.2: "SHALL NOT cache a JWKS for longer than the client's cache-control header indicates". */
export function secondsToKeep(headers: IncomingHttpHeaders): number {
  const control = headers['cache-control']?.toLowerCase() ?? ''
  if (/\b(no-store|no-cache)\b/.test(control)) return 0
  const age = Number(headers.age ?? 0)
  const most = /\bmax-age="?(\d+)/.exec(control)?.[1] ?? expiry(headers)
  const seconds = most === undefined ? USUAL : Number(most) - (Number.isFinite(age) ? age : 0)
  return Math.min(Math.max(seconds, 0), LONGEST)
}

function expiry({ expires, date }: IncomingHttpHeaders): number | undefined {
  if (expires === undefined) return undefined
  const seconds = (Date.parse(expires) - (date === undefined ? Date.now() : Date.parse(date))) / 1000
  return Number.isFinite(seconds) ? seconds : 0
}
