import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import { timeLimited } from '../../src/kernel/time-limit.ts'

const untilEnded = (signal: AbortSignal): Promise<void> => sleep(30_000, undefined, { signal })

test('what takes too long is told so, and what was done in time is not ended afterwards', async () => {
  await expect(timeLimited(10, untilEnded)).rejects.toMatchObject({ cause: { name: 'TimeoutError' } })
  let kept: AbortSignal | undefined
  expect(await timeLimited(10, (signal) => Promise.resolve((kept = signal) && 'done'))).toBe('done')
  await sleep(30)
  expect(kept?.aborted).toBe(false)
})

test('it ends with whoever asked for it, before or meanwhile, and leaves nothing with them', async () => {
  const outer = new AbortController()
  const ended = timeLimited(30_000, untilEnded, outer.signal)
  outer.abort(new Error('enough'))
  await expect(ended).rejects.toMatchObject({ cause: { message: 'enough' } })
  await expect(timeLimited(30_000, untilEnded, outer.signal)).rejects.toMatchObject({ cause: { message: 'enough' } })
})
