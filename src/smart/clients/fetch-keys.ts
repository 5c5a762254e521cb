/**
 * A client's key set from its address (SMART 2.2, asymmetric authentication). The address was named by a stranger: only
 * TLS, no redirects, nothing inside of networks (judged by the number that is really connected to), little, and soon.
 */
import { lookup } from 'node:dns'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { request as requestPlain } from 'node:http'
import { request as requestTls } from 'node:https'
import type { LookupFunction } from 'node:net'
import { clientKeys } from './client-jwks.ts'
import type { KeySet } from './client-jwks.ts'
import { isInternalAddress, isInternalHost, isLoopbackHost } from './network-address.ts'

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

/** Throws when there is no key set to be had there now. */
export async function fetchKeys(address: string, { loopback }: FetchOptions): Promise<FetchedKeys> {
  const url = new URL(address)
  const isHere = loopback && isLoopbackHost(url.hostname)
  if (!isHere && (url.protocol !== 'https:' || isInternalHost(url.hostname))) throw new Error('not an address outside')
  const response = await get(url, isHere)
  if (response.statusCode !== 200) throw new Error(`status ${String(response.statusCode)}`)
  const text = await read(response)
  return { set: clientKeys(JSON.parse(text)), seconds: secondsToKeep(response.headers) }
}

function get(url: URL, isHere: boolean): Promise<IncomingMessage> {
  const request = url.protocol === 'https:' ? requestTls : requestPlain
  const options = {
    ...{ headers: { Accept: 'application/json' }, agent: false, signal: AbortSignal.timeout(PATIENCE) },
    ...(!isHere && { lookup: outside }),
  }
  return new Promise((resolve, reject) => {
    request(url, options, resolve).once('error', reject).end()
  })
}

/** What is connected to is what was judged: a name that answers differently the second time is not asked twice. */
const outside: LookupFunction = (hostname, options, done) => {
  lookup(hostname, { ...options, all: true }, (error, found) => {
    if (error) done(error, '')
    else if (found.some(({ address }) => isInternalAddress(address))) done(new Error('an address inside'), '')
    else if (options.all) done(null, found)
    else done(null, found[0]?.address ?? '', found[0]?.family)
  })
}

/** The signal of the request ends the reading too. */
async function read(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > BYTES) {
      response.destroy()
      throw new Error('too large')
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
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
