import { setImmediate as settled } from 'node:timers/promises'
import { describe, expect, test } from '@jest/globals'
import { breaker } from '../../src/channels/breaker.ts'
import type { Channel } from '../../src/channels/channel.ts'
import type { TakeTurn } from '../../src/channels/paced.ts'
import { AT_ONCE, paced } from '../../src/channels/paced.ts'
import { LaterError, RefusedError } from '../../src/outbound/failures.ts'
import { sampleMessage } from './sample-message.ts'

const never = new AbortController().signal

function world(turn: TakeTurn = () => Promise.resolve({ isTheirs: true, milliseconds: 0 })) {
  const state = {
    now: 1_000_000,
    sent: 0,
    failure: undefined as Error | undefined,
    hold: undefined as Promise<undefined> | undefined,
  }
  const channel: Channel = {
    code: 'email',
    async send() {
      state.sent++
      await state.hold
      if (state.failure) throw state.failure
    },
  }
  const { send } = paced(channel, { turn, breaker: breaker(() => state.now) })
  const sent = async (): Promise<unknown> => {
    const before = state.sent
    const error = await send(sampleMessage, never).then(
      () => undefined,
      (reason: unknown) => reason,
    )
    return { error, isTried: state.sent > before }
  }
  return { state, send, sent }
}

describe('the limit', () => {
  test('who has to wait a moment waits', async () => {
    const start = performance.now()
    const { send } = world(() => Promise.resolve({ isTheirs: true, milliseconds: 50 }))
    await send(sampleMessage, never)
    expect(performance.now() - start).toBeGreaterThan(45)
  })

  test('who has to wait for long comes back, and nothing was tried', async () => {
    const { state, send } = world(() => Promise.resolve({ isTheirs: false, milliseconds: 90_500 }))
    await expect(send(sampleMessage, never)).rejects.toMatchObject({ name: 'LaterError', retryAfter: 90.5 })
    expect(state.sent).toBe(0)
  })
})

test('turns are asked for by the tenant whose message it is', async () => {
  const asked: string[] = []
  const { send } = world((tenant) => {
    asked.push(tenant)
    return Promise.resolve({ isTheirs: true, milliseconds: 0 })
  })
  await send({ ...sampleMessage, tenant: 'second' }, never)
  await send(sampleMessage, never)
  expect(asked).toEqual(['second', 'default'])
})

test('what somebody else may be sending by now does not go out', async () => {
  const { state, send } = world()
  await expect(send({ ...sampleMessage, isOurs: () => false }, never)).rejects.toMatchObject({ retryAfter: 0 })
  expect(state.sent).toBe(0)
  await send({ ...sampleMessage, isOurs: () => true }, never)
  expect(state.sent).toBe(1)
})

describe('a channel that is slow', () => {
  test('has so many under way at once, and the others after them', async () => {
    const { state, send } = world()
    const { promise, resolve } = Promise.withResolvers<undefined>()
    state.hold = promise
    const all = Promise.all(Array.from({ length: AT_ONCE + 4 }, () => send(sampleMessage, never)))
    await settled()
    expect(state.sent).toBe(AT_ONCE)
    resolve(undefined)
    await all
    expect(state.sent).toBe(AT_ONCE + 4)
  })

  test('gets nothing that was held for too long while it waited, and is not taken for one that is away', async () => {
    const { state, send, sent } = world()
    const { promise, resolve } = Promise.withResolvers<undefined>()
    state.hold = promise
    const first = Promise.all(Array.from({ length: AT_ONCE }, () => send(sampleMessage, never)))
    let isOurs = true
    const late = Array.from({ length: 8 }, () => send({ ...sampleMessage, isOurs: () => isOurs }, never))
    const ends = Promise.allSettled(late)
    isOurs = false
    resolve(undefined)
    await first
    for (const end of await ends) expect(end).toMatchObject({ reason: { name: 'LaterError', retryAfter: 0 } })
    expect(state.sent).toBe(AT_ONCE)
    expect(await sent()).toEqual({ isTried: true, error: undefined })
  })
})

describe('a channel that is away', () => {
  const tried = { isTried: true }
  const alone = { isTried: false, error: { name: 'LaterError' } }

  test('is left alone after five failures, and longer each time one message finds it away', async () => {
    const { state, sent } = world()
    state.failure = new LaterError('away')
    for (let n = 0; n < 5; n++) expect(await sent()).toMatchObject(tried)
    for (const pause of [5_000, 10_000, 20_000]) {
      expect(await sent()).toMatchObject(alone)
      state.now += pause - 1
      expect(await sent()).toMatchObject(alone)
      state.now += 1
      expect(await sent()).toMatchObject(tried)
    }
    state.now += 40_000
    state.failure = undefined
    expect(await sent()).toEqual({ isTried: true, error: undefined })
    state.failure = new LaterError('away')
    for (let n = 0; n < 5; n++) expect(await sent()).toMatchObject(tried)
    expect(await sent()).toMatchObject(alone)
  })

  test('is left alone as long as it asks for', async () => {
    const { state, sent } = world()
    state.failure = new LaterError('too many', 120)
    expect(await sent()).toMatchObject(tried)
    state.now += 119_999
    expect(await sent()).toMatchObject(alone)
    state.now += 1
    expect(await sent()).toMatchObject(tried)
  })

  test('is tried by one message, not by all that wait', async () => {
    const { state, sent } = world()
    state.failure = new Error('away')
    for (let n = 0; n < 5; n++) await sent()
    state.now += 5_000
    const { promise, resolve } = Promise.withResolvers<undefined>()
    state.hold = promise
    const before = state.sent
    const all = [sent(), sent(), sent()]
    await new Promise((done) => setImmediate(done))
    expect(state.sent - before).toBe(1)
    resolve(undefined)
    await Promise.all(all)
  })

  test('is not away because it refuses messages', async () => {
    const { state, sent } = world()
    state.failure = new RefusedError('no such mailbox')
    for (let n = 0; n < 20; n++) expect(await sent()).toMatchObject(tried)
  })

  test('says when to come back, not to all at the same time', async () => {
    const { state, sent } = world()
    state.failure = new LaterError('too many', 100)
    await sent()
    const times = new Set<number | undefined>()
    for (let n = 0; n < 20; n++) {
      const { error } = (await sent()) as { error: LaterError }
      expect(error.retryAfter).toBeGreaterThanOrEqual(100)
      expect(error.retryAfter).toBeLessThanOrEqual(200)
      times.add(error.retryAfter)
    }
    expect(times.size).toBeGreaterThan(10)
  })
})
