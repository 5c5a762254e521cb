/**
 * A key service behind a program of the operator's, which is started for each wrapped key: it gets the text that is in the
 * file on standard input and prints the key in base64. So any service will do whose client is a command (docs/sealed-fields.md).
 */
import { execFile } from 'node:child_process'
import type { KeyService } from './key-file.ts'

const PATIENCE = 30_000

export function keyCommand(program: string): KeyService {
  return {
    unwrap: (wrapped) =>
      new Promise((resolve, reject) => {
        const child = execFile(program, { timeout: PATIENCE, killSignal: 'SIGKILL' }, (error, printed) => {
          if (error) reject(new Error(`${program} ${howItEnded(error)}`))
          else resolve(Buffer.from(printed.trim(), 'base64'))
        })
        // One that reads nothing may have ended already
        child.stdin?.on('error', () => undefined).end(`${wrapped}\n`)
        child.stderr?.pipe(process.stderr, { end: false })
      }),
  }
}

function howItEnded({ code, killed }: { readonly code?: unknown; readonly killed?: boolean }): string {
  if (killed) return `did not end within ${PATIENCE / 1000} seconds`
  if (typeof code === 'number') return `ended with exit code ${code}`
  return typeof code === 'string' ? `cannot be started (${code})` : 'was ended by a signal'
}
