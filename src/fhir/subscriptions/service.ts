/** What the FHIR API needs of subscriptions beside the store: none where nobody tells receivers of anything. */
import type { Topics } from './wish.ts'

export interface SubscriptionService {
  readonly topics: Topics
  /** Throws where an address would not be called. */
  readonly assertWithin: (url: URL) => void
  /** Something is to be told (`<tenant>/Subscription/<id>`): who sweeps finds it all the same. */
  readonly wake: (ids: readonly string[]) => void
}
