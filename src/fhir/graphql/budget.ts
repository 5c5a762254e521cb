/** What one GraphQL request may read: a search costs what it asks for, a reference that is followed costs one. */
import { GatewayError } from '../../kernel/errors.ts'

export class Budget {
  readonly #limit: number
  #spent = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Throws 413 as soon as more is asked for; what was read until then is not shown. */
  spend(resources: number): void {
    this.#spent += resources
    this.check()
  }

  check(): void {
    if (this.#spent <= this.#limit) return
    const sentence = `This query asks for more than ${this.#limit} resources: ask for fewer with _count.`
    throw new GatewayError('GW_TOO_LARGE', sentence)
  }
}
