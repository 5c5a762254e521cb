import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import { Deadline } from '../../src/kernel/deadline.ts'

test('what is left shrinks to one millisecond, never to none', async () => {
  const deadline = new Deadline(30)
  expect(deadline.left).toBeGreaterThan(20)
  expect(deadline.isOver).toBe(false)
  await sleep(40)
  expect(deadline).toMatchObject({ left: 1, isOver: true })
})

test('the signal comes half a second later than the end, for who does not say that the time is over', async () => {
  const { signal } = new Deadline(100)
  await sleep(400)
  expect(signal.aborted).toBe(false)
  await sleep(300)
  expect(signal.reason).toMatchObject({ name: 'TimeoutError' })
})

test('an answered request ends nothing, an abandoned one everything at once', async () => {
  const answered = new Deadline(1)
  const { signal } = answered
  answered.close()
  await sleep(600)
  expect(signal.aborted).toBe(false)
  const abandoned = new Deadline(5_000)
  const early = abandoned.signal
  abandoned.close(true)
  expect(early.aborted).toBe(true)
  expect(abandoned).toMatchObject({ isOver: true, signal: { aborted: true } })
})
