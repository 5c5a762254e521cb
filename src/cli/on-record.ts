/** Commands of the operator are on record as requests are: before anything is printed. */
import { userInfo } from 'node:os'
import { actEvent } from '../audit/act.ts'
import type { Act } from '../audit/act.ts'
import { addAudit } from '../store/audit.ts'
import type { Store } from '../store/collections.ts'

export function putOnRecord(store: Store, act: Omit<Act, 'who'>): Promise<void> {
  return addAudit(store, [actEvent({ ...act, who: { name: operatorName(act.kind) } })])
}

/** Whoever runs a command. */
export function operatorName(command: string): string {
  return `isthmus ${command} by ${operator()}`
}

/** Of the machine; in a container without a list of users there is a number only. */
function operator(): string {
  try {
    return userInfo().username
  } catch {
    return String(process.getuid?.() ?? 'the operator')
  }
}
