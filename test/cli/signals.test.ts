import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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

/** Says something again and again until it is asked to end, and then, where somebody still listens, how it ended. */
const TALKER = `
  import { createLogger } from './src/kernel/logger.ts'
  import { stopSignal } from './src/cli/signals.ts'
  const stop = stopSignal()
  const log = createLogger('info')
  const talk = setInterval(() => (process.argv[1] === 'logs' ? log.info('still here') : console.log('still here')), 10)
  await new Promise((resolve) => stop.addEventListener('abort', resolve, { once: true }))
  clearInterval(talk)
  console.error('ended in order')`

/** Its reader reads once. Gives the exit code and what it said on standard error. */
async function unread(program: string, how = ''): Promise<[unknown, string]> {
  const child = spawn('node', ['--input-type=module', '-e', program, how], { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  child.stderr.on('data', (data: Buffer) => (said += data.toString()))
  const ended = once(child, 'close')
  await once(child.stdout, 'data')
  child.stdout.destroy()
  return [(await ended)[0], said]
}

test.each(['logs', 'says'])('a reader that goes away while the program %s something ends it in order', async (how) => {
  expect(await unread(TALKER, how)).toEqual([0, 'ended in order\n'])
})

test('a service whose log cannot be written goes on, and writes what it kept when there is space again (fault 12)', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'isthmus-log-'))
  const path = join(folder, 'log')
  // The shell's limit of a file's size (blocks of 512 or 1,024 bytes) does what a full disk does
  const script = `ulimit -f 8; exec node --input-type=module -e "$1" logs >> "$2"`
  const child = spawn('sh', ['-c', script, 'sh', TALKER, path], { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (data: Buffer) => (said += data.toString()))
  const ended = once(child, 'close')
  try {
    const whole = await fullLog(path)
    await sleep(100)
    await truncate(path)
    const rest = await fullLog(path)
    child.kill('SIGTERM')
    expect([(await ended)[0], said]).toEqual([0, 'ended in order\n'])
    const lines = (whole + rest).trimEnd().split('\n').slice(0, -1)
    expect(lines.every((line) => (JSON.parse(line) as { msg: string }).msg === 'still here')).toBe(true)
  } finally {
    child.kill('SIGKILL')
    await rm(folder, { recursive: true })
  }
})

/** What it holds when nothing goes into it any more. */
async function fullLog(path: string): Promise<string> {
  for (let before = 0; ;) {
    const text = await readFile(path, 'utf8').catch(() => '')
    if (before > 4_000 && text.length === before) return text
    before = text.length
    await sleep(300)
  }
}

test('a command whose reader goes away ends without a word', async () => {
  const command = `
    import { heedOutput } from './src/kernel/output.ts'
    heedOutput()
    setInterval(() => console.log('a line'), 10)`
  expect(await unread(command)).toEqual([141, ''])
})
