/** What operations of the staff API work with beside the records. */
import type { RecordParts } from '../../http/on-record.ts'
import type { WriteBack } from '../../projection/write-back.ts'
import type { Store } from '../../store/collections.ts'
import type { Desk } from './desk.ts'

/** On record goes what is no request of FHIR. */
export interface ApiParts extends RecordParts {
  readonly store: Store
  /** public origin */
  readonly origin: () => string
  /** who may sign in, and which apps may ask */
  readonly desk: Desk
  /** the constant in identifiers and extensions */
  readonly base: string
  /** what the clocks of a tenant's sources show, as they are configured */
  readonly timeZoneOf: (tenant: string) => string
  /** what records are written through now */
  readonly writeBack: () => WriteBack
}
