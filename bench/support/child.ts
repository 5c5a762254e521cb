/** Processes of a bench program: started with arguments, told and heard over the channel `fork` gives. */
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'

/** What `program` writes to standard output is let go, as a log collector would take it. */
export function startChild(program: URL, args: readonly string[] = []): ChildProcess {
  return fork(program, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
}

/** The next message of the child; its end is an error. */
export async function hear<T>(child: ChildProcess): Promise<T> {
  const waiting = new AbortController()
  const { signal } = waiting
  const ended = once(child, 'exit', { signal }).then(() => {
    throw new Error(`${child.spawnargs[1] ?? ''} ended before it answered.`)
  })
  try {
    const [message] = (await Promise.race([once(child, 'message', { signal }), ended])) as [T]
    return message
  } finally {
    ended.catch(() => undefined)
    waiting.abort()
  }
}

export async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  await exit
}
