/**
 * Who holds a lease, in words that tell whether it can still be alive: machine, process id, and a word of this start.
 *
 * After a `kill -9` the lease still has time left; a program started again on the same machine need not wait for it.
 */
import { randomUUID } from 'node:crypto'
import { readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import type { Limits } from '../kernel/limits.ts'
import { parameterHashes } from '../r4/parameter-hashes.ts'
import type { Store } from '../store/collections.ts'
import { registerWriter } from '../store/writers.ts'
import type { Writer } from '../store/writers.ts'

const machine = `${hostname()}/${processNamespace()}`
const me = `${machine} ${process.pid} ${randomUUID()}`

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

/** Before this program writes resources; to be stopped when it writes no more. */
export function registerProgram(store: Store, { requestMilliseconds }: Limits): Promise<Writer> {
  const hashes = parameterHashes()
  return registerWriter(store, { owner: me, isDead: isOwnerDead, hashes, longest: requestMilliseconds })
}

/** Process ids are told apart by their namespace (Linux): two containers may share a host name. */
function processNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return ''
  }
}
