/**
 * How often the status of a job is asked for (https://hl7.org/fhir/uv/bulkdata/STU2/export.html#bulk-data-status-request):
 * who never waits is told to, before a database is asked.
 */
import { GatewayError } from '../../kernel/errors.ts'

/** At once, and again each second. */
const MOST = 100
const EACH_SECOND = 10
/** Of more jobs than this, those asked for longest ago are forgotten. */
const MOST_JOBS = 10_000

interface Account {
  readonly left: number
  readonly at: number
}

export class Polls {
  readonly #accounts = new Map<string, Account>()

  /** Throws 429 where the job is asked for too often. */
  count(id: string): void {
    const now = performance.now()
    const { left, at } = this.#accounts.get(id) ?? { left: MOST, at: now }
    const asked = Math.min(MOST, left + ((now - at) * EACH_SECOND) / 1000) - 1
    this.#accounts.delete(id)
    this.#accounts.set(id, { left: Math.max(asked, 0), at: now })
    const [oldest] = this.#accounts.keys()
    if (this.#accounts.size > MOST_JOBS && oldest !== undefined) this.#accounts.delete(oldest)
    if (asked < 0) throw new GatewayError('GW_BUSY', 'The status is asked for too often: wait as Retry-After says.')
  }
}
