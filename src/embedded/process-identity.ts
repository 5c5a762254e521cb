/**
 * Which process this is, for good: its id together with its start time.
 *
 * A process id alone says nothing after a `kill -9` or a reboot, since ids are given out again (in a container even the
 * very same one); an id with its start time is never met twice.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

export interface ProcessIdentity {
  readonly pid: number
  readonly started: string
}

/** The identity of a process that runs now. */
export function identify(pid: number): ProcessIdentity | undefined {
  const started = process.platform === 'linux' ? startTicks(pid) : startDate(pid)
  return started === undefined ? undefined : { pid, started }
}

export function isAlive(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.started === identity.started
}

/** Field 22 of proc(5)'s stat, counted behind the name in parentheses, which may hold blanks. A zombie is dead. */
function startTicks(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? undefined : fields[19]
  } catch {
    return undefined
  }
}

function startDate(pid: number): string | undefined {
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined
  } catch {
    return undefined
  }
}
