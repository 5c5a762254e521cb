import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { startDaemon } from '../../src/embedded/daemon.ts'
import type { Daemon } from '../../src/embedded/daemon.ts'
import { identify } from '../../src/embedded/process-identity.ts'

const LISTENS = 'require("net").createServer().listen(Number(process.argv[1]), "127.0.0.1")'

let folder: string
let daemons: Daemon[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'isthmus-daemon-'))
})
afterEach(async () => {
  await Promise.all(daemons.map((daemon) => daemon.stop()))
  daemons = []
  await rm(folder, { recursive: true })
})

async function start(program = LISTENS): Promise<Daemon> {
  const daemon = await startDaemon({
    name: 'thing',
    program: process.execPath,
    record: join(folder, 'thing.json'),
    logFile: join(folder, 'thing.log'),
    parameters: (port) => ['-e', program, String(port)],
  })
  daemons.push(daemon)
  return daemon
}

test('one that still runs is taken up again, with its port', async () => {
  const first = await start()
  const second = await start()
  expect([second.pid, second.port]).toEqual([first.pid, first.port])
})

/** None that a connection of another test may be given meanwhile: those begin at 32768. */
const PORT = 15_000 + (process.pid % 10_000)

test('it keeps its port over a stop, and takes another one when that is in use', async () => {
  await (await start()).stop()
  const record = JSON.parse(await readFile(join(folder, 'thing.json'), 'utf8')) as object
  await writeFile(join(folder, 'thing.json'), JSON.stringify({ ...record, port: PORT }))
  const again = await start()
  expect(again.port).toBe(PORT)
  await again.stop()
  const squatter = createServer().listen(PORT, '127.0.0.1')
  await once(squatter, 'listening')
  expect((await start()).port).not.toBe(PORT)
  squatter.close()
})

test('one that ends instead of answering is told of, with its log', async () => {
  await expect(start('console.error("no space left"); process.exit(3)')).rejects.toThrow(
    /^thing did not start; .*thing\.log/,
  )
  expect(await readFile(join(folder, 'thing.log'), 'utf8')).toContain('no space left')
})

test('one that was killed is started anew', async () => {
  const first = await start()
  process.kill(first.pid, 'SIGKILL')
  while (identify(first.pid)) await sleep(10)
  expect((await start()).pid).not.toBe(first.pid)
})
