import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import { gatheredLines } from '../../src/kernel/log-stream.ts'

function kept(): { readonly writes: string[]; readonly stream: ReturnType<typeof gatheredLines> } {
  const writes: string[] = []
  const stream = gatheredLines({
    write: (text) => {
      writes.push(text)
    },
  })
  return { writes, stream }
}

test('lines of a moment leave in one write, in their order', async () => {
  const { writes, stream } = kept()
  stream.write('one\n')
  stream.write('two\n')
  expect(writes).toEqual([])
  while (writes.length === 0) await sleep(5)
  stream.write('three\n')
  stream.flushSync()
  expect(writes).toEqual(['one\ntwo\n', 'three\n'])
})

test('many lines do not wait for the moment to be over', () => {
  const { writes, stream } = kept()
  const line = `${'x'.repeat(999)}\n`
  for (let count = 0; count < 10; count++) stream.write(line)
  expect(writes).toEqual([line.repeat(9)])
  stream.flushSync()
  expect(writes.join('')).toBe(line.repeat(10))
})

test('nothing is written when nothing was logged', () => {
  const { writes, stream } = kept()
  stream.flushSync()
  expect(writes).toEqual([])
})
