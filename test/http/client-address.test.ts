import type { IncomingMessage } from 'node:http'
import { expect, test } from '@jest/globals'
import { clientAddressBy } from '../../src/http/client-address.ts'

const from = (remoteAddress: string, forwarded?: string, proxies: readonly string[] = []) =>
  clientAddressBy(proxies)({
    socket: { remoteAddress },
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
  } as unknown as IncomingMessage)

test('it is the address of the connection, whatever else is said', () => {
  expect(from('203.0.113.7', '1.2.3.4')).toBe('203.0.113.7')
  expect(from('::ffff:203.0.113.7')).toBe('203.0.113.7')
})

test('a trusted proxy is believed, and who stands before it is not', () => {
  expect(from('10.0.0.1', '9.9.9.9, 1.2.3.4', ['10.0.0.0/8'])).toBe('1.2.3.4')
  expect(from('10.0.0.1', '9.9.9.9, 1.2.3.4, 10.0.0.2', ['10.0.0.0/8'])).toBe('1.2.3.4')
  expect(from('10.0.0.1', 'nonsense', ['10.0.0.1'])).toBe('10.0.0.1')
  expect(from('10.0.0.1', undefined, ['10.0.0.1'])).toBe('10.0.0.1')
})

test('a network of IPv6 counts as one', () => {
  expect(from('2001:db8:1:2::1')).toBe('2001:0db8:0001:0002')
  expect(from('2001:DB8:1:2:ffff::9')).toBe(from('2001:db8:1:2::1'))
  expect(from('2001:db8:1:3::1')).not.toBe(from('2001:db8:1:2::1'))
  expect(from('::1')).toBe('0000:0000:0000:0000')
})
