import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from '@jest/globals'

/** Says "up", and takes three seconds to end after it was asked to. */
const PROGRAM = `
  import { stopSignal } from './src/cli/signals.ts'
  const stop = stopSignal()
  const alive = setInterval(() => undefined, 1000)
  console.log('up')
  await new Promise((resolve) => stop.addEventListener('abort', resolve, { once: true }))
  setTimeout(() => clearInterval(alive), 3000)`

async function exitCodeAfter(pauses: readonly number[]): Promise<unknown> {
  const child = spawn('node', ['--input-type=module', '-e', PROGRAM], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  const ended = once(child, 'exit')
  for (const pause of pauses) {
    await sleep(pause)
    child.kill('SIGINT')
  }
  return (await ended)[0]
}

test('the two signals that one Ctrl-C makes under npm start are one: it ends cleanly', async () => {
  expect(await exitCodeAfter([0, 50])).toBe(0)
})

test('a second Ctrl-C ends it at once', async () => {
  expect(await exitCodeAfter([0, 1_500])).toBe(130)
})
