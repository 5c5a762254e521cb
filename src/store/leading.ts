/** Work that one program at a time does: whether it is this one, asked before each turn. */
import type { Binary } from 'mongodb'
import type { Store } from './collections.ts'
import type { Lease } from './leases.ts'
import { releaseLease, renewLease, takeLease } from './leases.ts'
import { isOwnerDead, ownerName } from './owner.ts'

const RENEW = 2_000

export class Leading {
  readonly #store: Store
  readonly #name: string
  readonly #sessions: readonly Binary[]
  #lease: Lease | undefined
  #asked = -Infinity

  /** `sessions`: in which it writes; none: what it writes needs no protection from a predecessor */
  constructor(store: Store, name: string, sessions: readonly Binary[]) {
    this.#store = store
    this.#name = name
    this.#sessions = sessions
  }

  /** True from taking the lease on, while it is renewed in time. */
  async leads(): Promise<boolean> {
    if (this.#lease && performance.now() - this.#asked < RENEW) return true
    if (this.#lease && !(await renewLease(this.#store, this.#lease, {}))) this.#lease = undefined
    const request = { name: this.#name, owner: ownerName(), sessions: this.#sessions, isDead: isOwnerDead }
    this.#lease ??= await takeLease(this.#store, request)
    this.#asked = performance.now()
    return this.#lease !== undefined
  }

  /** Something went wrong: whether it still leads is asked anew. */
  doubt(): void {
    this.#asked = -Infinity
  }

  async release(): Promise<void> {
    if (this.#lease) await releaseLease(this.#store, this.#lease, true).catch(() => undefined)
    this.#lease = undefined
  }
}
