import { spawn } from 'node:child_process'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { identify } from '../../src/embedded/process-identity.ts'
import { claimDataDir, readServices, releaseDataDir, writeServices } from '../../src/embedded/services.ts'

let dataDir: string
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'isthmus-services-'))
})
afterEach(() => rm(dataDir, { recursive: true }))

const services = { gatewayPid: 1, pids: { mongodb: 2, redis: 3 }, mongodbUri: 'mongodb://m', redisUrl: 'redis://r' }

test('a second gateway on the same folder is refused in one sentence, until the first lets go', () => {
  claimDataDir(dataDir)
  expect(() => claimDataDir(dataDir)).toThrow(
    /^Another gateway \(process \d+\) runs on .*: stop it, or set ISTHMUS_DATA_DIR/,
  )
  releaseDataDir(dataDir)
  claimDataDir(dataDir)
})

test('what a killed gateway left behind is taken over', async () => {
  const child = spawn('sleep', ['60'])
  await writeFile(join(dataDir, 'gateway.lock'), JSON.stringify(identify(child.pid ?? 0)))
  expect(() => claimDataDir(dataDir)).toThrow(`(process ${String(child.pid)})`)
  child.kill('SIGKILL')
  await new Promise((resolve) => child.once('exit', resolve))
  claimDataDir(dataDir)
})

test('a lock that is not whole is no lock', async () => {
  await writeFile(join(dataDir, 'gateway.lock'), '{"pid":')
  claimDataDir(dataDir)
})

test('commands find the services of a running gateway; only its owner can read where', async () => {
  expect(readServices(dataDir)).toBeUndefined()
  writeServices(dataDir, services)
  expect(readServices(dataDir)).toEqual(services)
  expect((await stat(join(dataDir, 'services.json'))).mode & 0o777).toBe(0o600)
  releaseDataDir(dataDir)
  expect(readServices(dataDir)).toBeUndefined()
})
