/** The queues in a browser: who sees them, and that nothing can be changed there. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { queuesConsole } from '../../src/console/queues.ts'
import { openBoard } from '../../src/queue/board.ts'
import type { Board } from '../../src/queue/board.ts'
import { openJobQueue } from '../../src/queue/job-queue.ts'
import type { JobQueue } from '../../src/queue/job-queue.ts'
import type { Smart } from '../../src/smart/smart.ts'
import { redisUrl, uniqueName } from '../support/services.ts'
import { Browser, PASSWORD, startSmartServer } from '../support/smart-server.ts'
import type { SmartServer } from '../support/smart-server.ts'

const place = { redisUrl: redisUrl(), database: uniqueName('queues') }
let server: SmartServer
let board: Board
let queue: JobQueue

beforeAll(async () => {
  const smart = Promise.withResolvers<Smart>()
  board = openBoard(place, ['bulk'], '/console/queues')
  queue = openJobQueue(place, 'bulk')
  await queue.add(['waiting-1'])
  server = await startSmartServer({
    beside: ({ origin }) => [
      queuesConsole({
        ...{ board, origin },
        sessionOf: async (request, response) => (await smart.promise).staffSession(request, response),
      }),
    ],
  })
  smart.resolve(server.smart)
  await server.store.tenants.updateOne({ _id: 'other' }, { $set: { name: 'other' } }, { upsert: true })
})

afterAll(async () => {
  await server.stop()
  await queue.close()
  await board.close()
})

/** As what a browser of somebody with these roles comes to. */
async function open(roles: readonly string[], tenant = 'default'): Promise<{ browser: Browser; page: Response }> {
  const account = await server.account({ roles: [...roles], tenant })
  const browser = new Browser(server.origin)
  const login = await browser.open(`${server.origin}/oauth/staff?tenant=${tenant}&next=/console/queues`)
  return { browser, page: await browser.submit(login, { email: account.email, password: PASSWORD }) }
}

test('Who runs the gateway signs in and sees what waits, with pages, scripts and styles of this origin.', async () => {
  const { browser, page } = await open(['admin'])
  expect([page.status, new URL(page.url).pathname]).toEqual([200, '/console/queues'])
  const loaded = [...(await page.text()).matchAll(/(?:src|href)="(static\/[^"]+)"/g)].map(([, path = '']) => path)
  expect(loaded.length).toBeGreaterThan(2)
  for (const path of loaded) {
    const answer = await browser.open(`${server.origin}/console/queues/${path}`)
    expect([path, answer.status]).toEqual([path, 200])
  }
  const answer = await browser.open(`${server.origin}/console/queues/api/queues?activeQueue=bulk&status=waiting`)
  const { queues } = (await answer.json()) as { queues: { name: string; jobs: { id: string; data: object }[] }[] }
  expect(queues).toMatchObject([{ name: 'bulk', readOnlyMode: true, jobs: [{ id: 'waiting-1', data: {} }] }])
})

test('Who has not signed in is led there; an address of somebody else is not where it ends.', async () => {
  const led = await fetch(`${server.origin}/console/queues`, { redirect: 'manual' })
  expect([led.status, led.headers.get('location')]).toEqual([303, '/oauth/staff?next=/console/queues'])
  const account = await server.account({ roles: ['admin'] })
  const browser = new Browser(server.origin)
  const login = await browser.open(`${server.origin}/oauth/staff?next=//evil.example/console/queues`)
  const page = await browser.submit(login, { email: account.email, password: PASSWORD })
  expect(new URL(page.url).href).toBe(`${server.origin}/api/docs`)
})

test.each([
  ['staff without jobs:manage', ['staff'], 'default'],
  ['an administrator of another clinic', ['admin'], 'other'],
])('%s sees nothing', async (_who, roles, tenant) => {
  const { page } = await open(roles, tenant)
  expect([page.status, await page.text()]).toEqual([403, 'This needs a role with the permission jobs:manage.\n'])
})

test('Nothing is changed here, whoever asks.', async () => {
  const { browser } = await open(['admin'])
  const url = `${server.origin}/console/queues/api/queues/bulk/waiting-1/promote`
  const answer = await browser.open(url, { method: 'PUT' })
  expect([answer.status, await answer.text()]).toEqual([405, 'The queues are shown here, and not changed.\n'])
})

test('No file is read from beside the pages.', async () => {
  const { browser } = await open(['admin'])
  for (const path of [
    'static/../index.ejs',
    'static/%2e%2e/index.ejs',
    'static/..%2findex.ejs',
    'static//etc/passwd',
  ]) {
    const answer = await browser.open(`${server.origin}/console/queues/${path}`)
    expect([path, answer.status]).toEqual([path, 404])
  }
})
