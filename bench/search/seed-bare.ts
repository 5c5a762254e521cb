/** The bare program's Observations: what it looks for in fields of their own under one compound index, and the text. */
import type { Store } from '../../src/store/collections.ts'
import { observation, OBSERVATIONS_PER_PATIENT } from '../support/clinic.ts'

export interface BareObservation {
  readonly patient: string
  readonly code: string
  readonly date: Date
  readonly body: string
}

export const BARE_COLLECTION = 'bare'

const BATCH = 1_000

export async function seedBare({ db }: Store, patients: number): Promise<void> {
  const bare = db.collection<BareObservation>(BARE_COLLECTION)
  const count = patients * OBSERVATIONS_PER_PATIENT
  for (let first = 0; first < count; first += BATCH) {
    const numbers = Array.from({ length: Math.min(BATCH, count - first) }, (_, i) => first + i)
    await bare.insertMany(numbers.map(bareForm))
  }
  await bare.createIndexes([{ key: { patient: 1, code: 1, date: -1 } }])
}

function bareForm(number: number): BareObservation {
  const resource = observation(number)
  const { code, subject, effectiveDateTime } = resource
  const [coding] = code.coding
  return {
    patient: subject.reference.slice('Patient/'.length),
    code: `${coding?.system}|${coding?.code}`,
    date: new Date(effectiveDateTime),
    body: JSON.stringify(resource),
  }
}
