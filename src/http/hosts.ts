/**
 * The names that the gateway answers to. A request for another one was led here by somebody else's DNS, or asks a proxy
 * and the gateway for different things: its answer would be read, or kept, under a name that is not ours.
 */
import type { IncomingMessage } from 'node:http'

export interface HostOptions {
  /** the public one */
  readonly origin: string
  /** listened on */
  readonly port: number
  /** only this machine can reach it */
  readonly isLocal: boolean
  /** is the connection one of a proxy whose X-Forwarded-Host is believed? */
  readonly fromProxy: (request: IncomingMessage) => boolean
}

const HERE = ['127.0.0.1', 'localhost', '[::1]']

export function hostCheck({ origin, port, isLocal, fromProxy }: HostOptions): (request: IncomingMessage) => boolean {
  const { hostname, host, protocol } = new URL(origin)
  const publicPort = new URL(origin).port || (protocol === 'https:' ? '443' : '80')
  const names = new Set([host, `${hostname}:${publicPort}`])
  if (isLocal) for (const each of HERE) names.add(`${each}:${port}`)
  // A public address that is this machine's: whoever reaches it by another of its names is here too
  if (HERE.includes(hostname)) for (const each of HERE) names.add(`${each}:${publicPort}`)
  const isOurs = (name: string | undefined): boolean => name !== undefined && names.has(name.toLowerCase())
  return (request) => {
    const { host: asked, 'x-forwarded-host': forwarded } = request.headers
    if (isOurs(asked)) return true
    return forwarded !== undefined && isOurs([forwarded].flat()[0]) && fromProxy(request)
  }
}
