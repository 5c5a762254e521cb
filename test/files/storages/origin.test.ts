/** The one place where the gateway shows a credential of its own to an address that data name (checklist U06, X26). */
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { originStorage } from '../../../src/files/storages/origin.ts'
import type { Storage } from '../../../src/files/storages/storage.ts'

const SECRET = 'Bearer of-the-storage'
let server: Server
let storage: Storage
let origin = ''
const asked: (string | undefined)[] = []

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request.headers.authorization)
    response.writeHead(302, { Location: `${origin}/elsewhere` }).end()
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  storage = originStorage({ origin: `${origin}/files`, authorization: SECRET })
})

afterAll(() => void server.close())

test('a link below its address is followed with its credential, and a redirect from there is not', async () => {
  const place = storage.locate(`${origin}/files/a.pdf`) ?? ''
  expect(await storage.open(place, { milliseconds: 2_000 })).toBeUndefined()
  expect(asked).toEqual([SECRET])
})

test.each([
  ['whose name begins with it', () => `${origin}.evil.example/files/a.pdf`],
  ['whose port begins with its own', () => `${origin}0/files/a.pdf`],
  ['behind it as a user', () => `${origin}@evil.example/files/a.pdf`],
  ['with a user before it', () => `${origin.replace('//', '//user:word@')}/files/a.pdf`],
  ['of another protocol', () => `${origin.replace('http:', 'https:')}/files/a.pdf`],
  ['that leaves its folder', () => `${origin}/files/../a.pdf`],
  ['that leaves its folder in secret', () => `${origin}/files/%2e%2e/a.pdf`],
  ['whose folder begins with its own', () => `${origin}/files-of-others/a.pdf`],
  ['without a place', () => '//evil.example/files/a.pdf'],
])('a link to a server %s is nobody’s, and is not asked for (U06)', (_, link) => {
  expect(storage.locate(link())).toBeUndefined()
})
