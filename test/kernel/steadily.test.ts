import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import { steadily } from '../../src/kernel/steadily.ts'

test('work goes on after a failure, which is told once until it succeeds, and ends when it is told to', async () => {
  const stop = new AbortController()
  const told: unknown[] = []
  const outcomes = ['fails', 'fails', 'succeeds', 'fails']
  let turns = 0
  const work = (): Promise<void> => {
    const outcome = outcomes[turns++]
    if (turns > outcomes.length) stop.abort()
    return outcome === 'fails' ? Promise.reject(new Error(`turn ${turns}`)) : Promise.resolve()
  }
  await steadily(work, { signal: stop.signal, pause: 1, retry: 2, failed: (error) => told.push(error) })
  expect(told).toEqual([new Error('turn 1'), new Error('turn 4')])
  expect(turns).toBe(5)
})

test('whoever stops it does not wait for its pause', async () => {
  const stop = new AbortController()
  const running = steadily(() => Promise.resolve(), {
    signal: stop.signal,
    pause: 60_000,
    retry: 60_000,
    failed: () => undefined,
  })
  await sleep(5)
  stop.abort()
  await running
})
