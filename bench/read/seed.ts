/** Patients to be read: in the gateway's own collection with all their search keys, and as plain strings beside it. */
import type { Db } from 'mongodb'
import type { Store } from '../../src/store/collections.ts'
import { patient, patientId } from '../support/patients.ts'
import { storedForm } from '../support/stored-form.ts'

/** The bare program's documents: an id and the text it sends. */
export interface BareDocument {
  readonly _id: string
  readonly body: string
}

export const BARE_COLLECTION = 'bareTexts'

const BATCH = 1_000

export async function seed(store: Store, count: number): Promise<void> {
  for (const numbers of batches(count)) {
    await store.resources.insertMany(numbers.map((number) => storedForm(patient(number))))
  }
  await seedTexts(store.db, count)
}

export async function seedTexts(database: Db, count: number): Promise<void> {
  const bare = database.collection<BareDocument>(BARE_COLLECTION)
  for (const numbers of batches(count)) {
    await bare.insertMany(numbers.map((number) => ({ _id: patientId(number), body: JSON.stringify(patient(number)) })))
  }
}

function* batches(count: number): Generator<number[]> {
  for (let first = 0; first < count; first += BATCH) {
    yield Array.from({ length: Math.min(BATCH, count - first) }, (_, index) => first + index)
  }
}
