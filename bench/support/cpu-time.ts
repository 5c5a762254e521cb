/** CPU time of whole processes, user and system together, as Linux counts it (proc(5), /proc/<pid>/stat). */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const MICROSECONDS_PER_TICK = 1_000_000 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))

/** Microseconds of CPU time that these processes have used so far. */
export function cpuTime(pids: readonly number[]): number {
  return pids.map(ticks).reduce((sum, each) => sum + each, 0) * MICROSECONDS_PER_TICK
}

function ticks(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The second field, the program's name, may hold spaces; utime and stime are the 14th and 15th.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return Number(fields[11]) + Number(fields[12])
}
