import { expect, test } from '@jest/globals'
import { assertRedirectUri } from '../../../src/smart/clients/redirect-uris.ts'

const refused = (uri: string, native = false) => expect(() => assertRedirectUri(uri, native))

test('https is taken anywhere, http on loopback only (RG3)', () => {
  const taken = [
    'https://app.example/cb',
    'https://app.example',
    'https://app.example/?a=b',
    'http://localhost:3000/cb',
  ]
  for (const uri of [...taken, 'http://127.0.0.1/cb', 'http://[::1]:8000/']) assertRedirectUri(uri, false)
  for (const uri of ['http://app.example/cb', 'http://127.0.0.1.evil.example/', 'http://localhost.evil.example/']) {
    refused(uri).toThrow('only loopback')
  }
})

test.each([
  ['https://*.app.example/cb', 'wildcard'],
  ['https://app.example/*', 'wildcard'],
  ['https://app.example/cb#x', 'fragment'],
  ['https://app.example/cb#', 'fragment'],
  ['https://user@app.example/cb', 'names a user'],
  ['https://app.example/a/../cb', 'as browsers write it'],
  ['https://app.example/a/%2e%2e/cb', 'as browsers write it'],
  ['https://APP.example/cb', 'as browsers write it'],
  ['https:\\\\app.example\\cb', 'as browsers write it'],
  ['javascript:alert(1)', 'is neither https'],
  ['data:text/html,x', 'is neither https'],
  ['file:///etc/passwd', 'is neither https'],
  ['/cb', 'no absolute URL'],
  [`https://app.example/${'x'.repeat(2000)}`, 'no absolute URL'],
])('%s is refused (RG3)', (uri, reason) => {
  refused(uri).toThrow(reason)
  refused(uri, true).toThrow(reason)
})

test('a native app may have a scheme of its own, which is a domain turned round', () => {
  assertRedirectUri('com.example.app:/cb', true)
  refused('com.example.app:/cb').toThrow('only native apps')
  refused('myapp:/cb', true).toThrow('com.example.app')
})
