/** By which settings of a tenant reminders were planned: where they differ from those of now, they are planned again. */
import type { Store } from './collections.ts'

export interface PlannedDocument {
  /** `<kind>/<tenant>` */
  readonly _id: string
  /** of all that the plans follow from beside the records */
  readonly hash: string
}

export async function readPlanned({ planned }: Store, kind: string): Promise<Map<string, string>> {
  const found = await planned.find({ _id: { $gt: `${kind}/`, $lt: `${kind}0` } }).toArray()
  return new Map(found.map(({ _id, hash }) => [_id.slice(kind.length + 1), hash]))
}

export async function writePlanned({ planned }: Store, kind: string, tenant: string, hash: string): Promise<void> {
  await planned.updateOne({ _id: `${kind}/${tenant}` }, { $set: { hash } }, { upsert: true })
}
