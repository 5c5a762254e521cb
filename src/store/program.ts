/** A program that writes resources takes its place among those that do (writers.ts). */
import type { Limits } from '../kernel/limits.ts'
import { parameterHashes } from '../r4/parameter-hashes.ts'
import type { Store } from './collections.ts'
import { isOwnerDead, ownerName } from './owner.ts'
import { registerWriter } from './writers.ts'
import type { Writer } from './writers.ts'

/** Before this program writes resources; to be stopped when it writes no more. */
export function registerProgram(store: Store, { requestMilliseconds }: Limits): Promise<Writer> {
  const [owner, hashes] = [ownerName(), parameterHashes()]
  return registerWriter(store, { owner, isDead: isOwnerDead, hashes, longest: requestMilliseconds })
}
