/** Addresses that are inside somebody's network: nothing that a stranger names may make the gateway call them. */
import { BlockList, isIP, isIPv4 } from 'node:net'

/** IANA's special-purpose registries, as far as they can be routed to or mapped from (RFC 6890). */
const INTERNAL: readonly (readonly [net: string, prefix: number])[] = [
  ...([
    ['0.0.0.0', 8],
    ['10.0.0.0', 8],
    ['100.64.0.0', 10],
    ['127.0.0.0', 8],
    ['169.254.0.0', 16],
  ] as const),
  ...([
    ['172.16.0.0', 12],
    ['192.0.0.0', 24],
    ['192.0.2.0', 24],
    ['192.88.99.0', 24],
    ['192.168.0.0', 16],
  ] as const),
  ...([
    ['198.18.0.0', 15],
    ['198.51.100.0', 24],
    ['203.0.113.0', 24],
    ['224.0.0.0', 4],
    ['240.0.0.0', 4],
  ] as const),
  ...([
    ['::', 96],
    ['64:ff9b::', 96],
    ['64:ff9b:1::', 48],
    ['100::', 64],
    ['2001::', 23],
    ['2001:db8::', 32],
  ] as const),
  ...([
    ['2002::', 16],
    ['fc00::', 7],
    ['fe80::', 10],
    ['fec0::', 10],
    ['ff00::', 8],
  ] as const),
]

const internal = new BlockList()
for (const [net, prefix] of INTERNAL) internal.addSubnet(net, prefix, isIPv4(net) ? 'ipv4' : 'ipv6')

/** Names that are never of the public internet (RFC 6761, RFC 6762, RFC 8375, and what cloud machines answer to). */
const LOCAL_NAME = /(^|\.)(localhost|local|internal|intranet|lan|home|corp|home\.arpa|onion|test|invalid)$/

/** `address` is a number, not a name; ::ffff:10.0.0.1 is judged as 10.0.0.1. */
export function isInternalAddress(address: string): boolean {
  return internal.check(address, isIPv4(address) ? 'ipv4' : 'ipv6')
}

/** The host of a URL: what can be known of it before it is looked up. */
export function isInternalHost(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
  if (isIP(host) !== 0) return isInternalAddress(host)
  return LOCAL_NAME.test(host) || !host.includes('.')
}

export function isLoopbackHost(hostname: string): boolean {
  return hostname === '127.0.0.1' || hostname === '[::1]' || hostname === 'localhost'
}
