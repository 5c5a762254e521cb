/** A program of a test in a process of its own, to be killed with -9 in the middle of its work and started again. */
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'

export interface Program {
  /** Whatever ran before is to be killed first. */
  start(): void
  kill(): Promise<void>
}

export function programOf(file: URL, args: () => readonly string[]): Program {
  let child: ChildProcess | undefined
  return {
    start() {
      child = spawn(process.execPath, [file.pathname, ...args()], {
        stdio: ['ignore', 'ignore', 'inherit'],
        env: { ...process.env, NODE_OPTIONS: '' },
      })
    },
    async kill() {
      if (!child || child.exitCode !== null || child.signalCode !== null) return
      const exit = once(child, 'exit')
      child.kill('SIGKILL')
      await exit
    },
  }
}
