/**
 * How far a call may lead: to the internet by TLS, and into networks that the operator names. What is judged is the number
 * that is connected to; a name is looked up once, and nobody gets to answer differently the second time.
 */
import { lookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { BlockList, isIP, isIPv4 } from 'node:net'
import { isInternalAddress, isInternalHost } from './network-address.ts'

/** This machine: for the demo and for developers. */
export const LOOPBACK: readonly string[] = ['127.0.0.0/8', '::1/128']

/** Networks of a clinic's own (RFC 1918, RFC 4193), and this machine; not where clouds tell machines their secrets. */
export const PRIVATE: readonly string[] = [
  ...LOOPBACK,
  ...['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
]

export interface Reach {
  /** Throws where the address is known not to be within it; what a name leads to is seen by the lookups. */
  readonly assertWithin: (url: URL) => void
  readonly lookup: Readonly<Record<'http:' | 'https:', LookupFunction>>
}

/** `networks`: numbers, or networks such as 10.2.0.0/16 */
export function reachOf(networks: readonly string[]): Reach {
  const named = new BlockList()
  for (const network of networks) addNetwork(named, network)
  const isNamed = (address: string): boolean => named.check(address, isIPv4(address) ? 'ipv4' : 'ipv6')
  // Without TLS no address of the internet is called, whatever its name promised
  const allowed = {
    'http:': isNamed,
    'https:': (address: string) => isNamed(address) || !isInternalAddress(address),
  }
  return {
    assertWithin({ protocol, hostname, username, password }) {
      if (protocol !== 'https:' && protocol !== 'http:') throw outside()
      if (username !== '' || password !== '') throw new Error('an address with a password in it')
      const host = hostname.replace(/^\[|\]$/g, '')
      if (isIP(host) !== 0 && !allowed[protocol](host)) throw outside()
      if (isIP(host) === 0 && !isNameAllowed(protocol, host, networks.length > 0)) throw outside()
    },
    lookup: { 'http:': judgedLookup(allowed['http:']), 'https:': judgedLookup(allowed['https:']) },
  }
}

/** A name of the internet needs TLS; one of a network inside is not even looked up where none is named. */
function isNameAllowed(protocol: 'http:' | 'https:', host: string, hasNetworks: boolean): boolean {
  return isInternalHost(host) ? hasNetworks : protocol === 'https:'
}

function outside(): Error {
  return new Error('not an address outside')
}

/** `network` is one: src/config checks what is written by hand. */
function addNetwork(list: BlockList, network: string): void {
  const [net = '', prefix] = network.split('/')
  const family = isIPv4(net) ? 'ipv4' : 'ipv6'
  if (prefix === undefined) list.addAddress(net, family)
  else list.addSubnet(net, Number(prefix), family)
}

/** All numbers of a name must be allowed: which of them is tried first is not for us to say. */
export function judgedLookup(isAllowed: (address: string) => boolean): LookupFunction {
  return (hostname, options, done) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error) done(error, '')
      else if (!found.every(({ address }) => isAllowed(address))) done(new Error('an address inside'), '')
      else if (options.all) done(null, found)
      else done(null, found[0]?.address ?? '', found[0]?.family)
    })
  }
}
