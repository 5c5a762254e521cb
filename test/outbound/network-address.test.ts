import { expect, test } from '@jest/globals'
import { isInternalAddress, isInternalHost } from '../../src/outbound/network-address.ts'

test.each([
  ...[
    '127.0.0.1',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
  ],
  ...[
    '::1',
    '::',
    'fd00::1',
    'fe80::1',
    'ff02::1',
    '::ffff:10.0.0.1',
    '::ffff:a9fe:a9fe',
    '64:ff9b::a00:1',
    '2002:a00:1::',
  ],
])('%s is inside of somebody’s network', (address) => {
  expect(isInternalAddress(address)).toBe(true)
})

test.each(['8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700::1111'])('%s is of the internet', (address) => {
  expect(isInternalAddress(address)).toBe(false)
})

test.each([
  ...['localhost', 'a.localhost', 'printer.local', 'metadata.google.internal', 'db', 'clinic.lan', 'localhost.'],
  ...['[::1]', '[::ffff:127.0.0.1]', '127.0.0.1'],
])('the host %s is inside', (host) => {
  expect(isInternalHost(host)).toBe(true)
})

test.each(['app.example.com', 'local.example.com', 'localhost.example.com'])('the host %s may be outside', (host) => {
  expect(isInternalHost(host)).toBe(false)
})

test('other ways to write a number are numbers by the time a URL is read', () => {
  for (const host of ['0x7f.1', '2130706433', '127.1', '017700000001']) {
    expect(isInternalHost(new URL(`https://${host}/`).hostname)).toBe(true)
  }
})
