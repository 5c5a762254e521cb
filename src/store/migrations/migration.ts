/**
 * One step from a schema version to the next: a file in this folder and a line in `list.ts`.
 *
 * A step may be killed at any point and is then run again from its beginning, possibly by two gateways at once: it finds
 * out from the documents themselves what is left to do.
 */
import type { Store } from '../collections.ts'

export interface Migration {
  /** the schema version after it */
  readonly to: number
  readonly title: string
  run(store: Store): Promise<void>
}
