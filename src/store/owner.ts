/**
 * Who holds a lease or a connection, in words that tell whether it can still be alive: machine, process id, and a word of this start.
 *
 * After a `kill -9` the lease still has time left; a program started again on the same machine need not wait for it.
 */
import { randomBytes } from 'node:crypto'
import { readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

const machine = `${hostname()}/${processNamespace()}`
const me = `${machine} ${process.pid} ${randomBytes(6).toString('hex')}`

export function ownerName(): string {
  return me
}

/** True only when it ran here and is certainly gone. */
export function isOwnerDead(owner: string): boolean {
  const [where, pid] = owner.split(' ')
  if (where !== machine || owner === me) return false
  if (Number(pid) === process.pid) return true
  try {
    process.kill(Number(pid), 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

/** Process ids are told apart by their namespace (Linux): two containers may share a host name. */
function processNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return ''
  }
}
