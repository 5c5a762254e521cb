import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import { listen } from '../../src/http/server.ts'

test('a port in use is said in one sentence', async () => {
  const first = await listen(() => undefined, '127.0.0.1', 0)
  await expect(listen(() => undefined, '127.0.0.1', first.port)).rejects.toThrow(`Port ${first.port} is in use`)
  await expect(listen(() => undefined, '192.0.2.1', 0)).rejects.toThrow('check HOST and PORT')
  await first.close()
})

test('closing lets the request at work finish, and takes no more', async () => {
  const server = await listen((_request, response) => void setTimeout(() => response.end('done'), 200), '127.0.0.1', 0)
  const url = `http://127.0.0.1:${server.port}`
  const answer = fetch(url).then((response) => response.text())
  await sleep(50)
  const start = performance.now()
  const closed = server.close()
  await expect(fetch(url)).rejects.toThrow()
  expect(await answer).toBe('done')
  await closed
  expect(performance.now() - start).toBeLessThan(2_000)
})
