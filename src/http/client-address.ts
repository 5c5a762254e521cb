/**
 * Who sends a request, as far as attempts are counted by it: the address of the connection, or what a trusted proxy says
 * of it. Of IPv6 the network, since whoever has one address there has all of its 2⁶⁴.
 */
import type { IncomingMessage } from 'node:http'
import { BlockList, isIP, isIPv4 } from 'node:net'

/** `proxies`: addresses or networks whose X-Forwarded-For is believed. */
export function clientAddressBy(proxies: readonly string[]): (request: IncomingMessage) => string {
  const trusted = listOf(proxies)
  return ({ socket, headers }) => {
    const forwarded = [headers['x-forwarded-for'] ?? []].flat().join(',')
    const named = forwarded.split(',').map((each) => each.trim())
    let address = plain(socket.remoteAddress ?? '')
    // From the nearest on: what stands before the first that is not trusted was written by anybody
    while (isTrusted(trusted, address) && isIP(named.at(-1) ?? '') !== 0) address = plain(named.pop() ?? '')
    return countedAs(address)
  }
}

/** Whether a connection is one of these proxies. */
export function isFromProxy(proxies: readonly string[]): (request: Pick<IncomingMessage, 'socket'>) => boolean {
  const trusted = listOf(proxies)
  return ({ socket }) => isTrusted(trusted, plain(socket.remoteAddress ?? ''))
}

/** An address as attempts, requests and connections are counted by it. */
export function countedAs(remote: string): string {
  const address = plain(remote)
  return isIPv4(address) ? address : networkOf(address)
}

function listOf(proxies: readonly string[]): BlockList {
  const list = new BlockList()
  for (const proxy of proxies) {
    const [address = '', prefix] = proxy.split('/')
    const family = isIPv4(address) ? 'ipv4' : 'ipv6'
    if (isIP(address) === 0) continue
    if (prefix === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(prefix), family)
  }
  return list
}

function isTrusted(list: BlockList, address: string): boolean {
  return isIP(address) !== 0 && list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6')
}

/** An IPv4 address is one also where it comes over a socket for both. */
function plain(address: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address
}

/** Its first 64 bits, written in full. */
function networkOf(address: string): string {
  const [head = '', tail = ''] = address.split('%')[0]?.split('::') ?? []
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'))
  const [before, after] = [groups(head), groups(tail)]
  const all = [...before, ...Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0'), ...after]
  return all
    .slice(0, 4)
    .map((group) => group.padStart(4, '0').toLowerCase())
    .join(':')
}
