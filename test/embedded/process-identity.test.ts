import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from '@jest/globals'
import { identify, isAlive } from '../../src/embedded/process-identity.ts'

test('a running process is alive until it ends', async () => {
  const child = spawn('sleep', ['60'])
  const identity = identify(child.pid ?? 0)
  expect(identity && isAlive(identity)).toBe(true)
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(identity && isAlive(identity)).toBe(false)
})

test('a process id that was given out again is another process', () => {
  expect(isAlive({ pid: process.pid, started: 'before the machine was started again' })).toBe(false)
})
