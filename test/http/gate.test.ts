import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import { Gate } from '../../src/http/gate.ts'
import { Deadline } from '../../src/kernel/deadline.ts'

const soon = (): Deadline => new Deadline(5_000)

test('so many are at work at once, so many wait in the order they came, one more is turned away', async () => {
  const gate = new Gate({ heavyAtOnce: 2, heavyWaiting: 2 })
  const begun: number[] = []
  const ends: (() => void)[] = []
  const work = (n: number) => (): Promise<number> => {
    begun.push(n)
    return new Promise((resolve) => ends.push(() => resolve(n)))
  }
  const all = [1, 2, 3, 4].map((n) => gate.run(soon(), work(n)))
  await expect(gate.run(soon(), work(5))).rejects.toMatchObject({ status: 429, issue: 'throttled' })
  expect(begun).toEqual([1, 2])
  ends[0]?.()
  await all[0]
  await sleep(1)
  expect(begun).toEqual([1, 2, 3])
  ends[1]?.()
  await sleep(1)
  ends[2]?.()
  ends[3]?.()
  expect(await Promise.all(all)).toEqual([1, 2, 3, 4])
  expect(await gate.run(soon(), () => Promise.resolve('free'))).toBe('free')
})

test('who waited until the end of its time is turned away, and takes nobody’s turn', async () => {
  const gate = new Gate({ heavyAtOnce: 1, heavyWaiting: 2 })
  let end: () => void = () => undefined
  const first = gate.run(soon(), () => new Promise<void>((resolve) => (end = resolve)))
  const abandoned = new Deadline(5_000)
  const second = gate.run(abandoned, () => Promise.resolve('second'))
  const third = gate.run(soon(), () => Promise.resolve('third'))
  abandoned.close(true)
  await expect(second).rejects.toMatchObject({ status: 429 })
  end()
  await first
  expect(await third).toBe('third')
})

test('work that fails gives its turn back', async () => {
  const gate = new Gate({ heavyAtOnce: 1, heavyWaiting: 0 })
  await expect(gate.run(soon(), () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(await gate.run(soon(), () => Promise.resolve(1))).toBe(1)
})
