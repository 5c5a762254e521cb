/** Patients to be read: in the gateway's own collection with all their search keys, and as plain strings beside it. */
import type { Store } from '../../src/store/collections.ts'
import { patient, patientId } from '../support/patients.ts'
import { storedForm } from '../support/stored-form.ts'

/** The bare program's documents: an id and the text it sends. */
export interface BareDocument {
  readonly _id: string
  readonly body: string
}

export const BARE_COLLECTION = 'bare'

const BATCH = 1_000

export async function seed(store: Store, count: number): Promise<void> {
  const bare = store.db.collection<BareDocument>(BARE_COLLECTION)
  for (let first = 0; first < count; first += BATCH) {
    const numbers = Array.from({ length: Math.min(BATCH, count - first) }, (_, i) => first + i)
    const documents = numbers.map((number) => storedForm(patient(number)))
    await store.resources.insertMany(documents)
    await bare.insertMany(documents.map(({ body }, i) => ({ _id: patientId(numbers[i] ?? 0), body })))
  }
}
