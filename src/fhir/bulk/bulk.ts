/** What the FHIR API needs of bulk data (docs/bulk-data.md): where files lie, and who is told that there is something to do. */
import type { Files } from '../../files/files.ts'
import { GatewayError } from '../../kernel/errors.ts'
import type { Store } from '../../store/collections.ts'
import type { FhirContext } from '../context.ts'
import type { Polls } from './polls.ts'

export interface Bulk {
  readonly store: Store
  readonly files: Files
  /** may imports name files that lie somewhere already? */
  readonly imports: Files | undefined
  /** Tells workers of a job. They would find it by themselves, a little later. */
  wake(id: string): void
  readonly polls: Polls
  /** does whoever fetches a file show a token? */
  readonly requiresAccessToken: boolean
}

export function bulkOf({ bulk }: FhirContext): Bulk {
  if (bulk) return bulk
  throw new GatewayError('GW_NOT_FOUND', 'Bulk data is not served at this address.')
}
