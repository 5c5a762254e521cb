/**
 * What may be registered as a redirect URI (RFC 9700 §2.1, RFC 8252 §7): it is compared letter by letter later on, so it
 * must be written in the one way in which browsers write it.
 */
import { ClientRefusal } from './client-refusal.ts'
import { isLoopbackHost } from '../../outbound/network-address.ts'

const LONGEST = 2000
/** RFC 8252 §7.1: a private-use scheme is a domain name turned round, so it has a dot */
const PRIVATE_USE = /^[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+:$/

export function assertRedirectUri(uri: string, native: boolean): void {
  const fault = faultOf(uri, native)
  if (fault !== undefined) throw new ClientRefusal(`The redirect URI ${shown(uri)} ${fault}.`, 'invalid_redirect_uri')
}

function faultOf(uri: string, native: boolean): string | undefined {
  const url = URL.parse(uri)
  if (!url || uri.length > LONGEST) return 'is no absolute URL of less than 2000 characters'
  if (uri.includes('*')) return 'has a wildcard; each address is registered by itself'
  if (uri.includes('#')) return 'has a fragment'
  if (url.username !== '' || url.password !== '') return 'names a user'
  if (/^https?:$/.test(url.protocol)) return webFault(uri, url)
  if (!PRIVATE_USE.test(url.protocol))
    return 'is neither https nor a scheme of a native app such as com.example.app:/cb'
  if (!native) return 'has a scheme that only native apps have'
  return /[^!-~]/.test(uri) ? 'has letters that addresses do not have' : undefined
}

function webFault(uri: string, url: URL): string | undefined {
  if (url.protocol === 'http:' && !isLoopbackHost(url.hostname)) return 'is http; only loopback may be'
  // A path of nothing is / to a browser, and both are in use
  if (url.href === uri || (url.pathname === '/' && url.href === `${uri}/`)) return undefined
  return `is not written as browsers write it (${shown(url.href)})`
}

function shown(uri: string): string {
  return uri.length > 100 ? `${uri.slice(0, 100)}…` : uri
}
