/** Every set of mappings that was active, and which one is: all gateways and workers follow it. */
import type { ClientSession } from 'mongodb'
import type { Store } from './collections.ts'
import type { ActiveMappingsDocument, MappingSetDocument } from './documents.ts'

const ACTIVE = 'mappings'

export interface ActiveMappings {
  readonly active: string
  /** the set that was active before */
  readonly previous?: string
  /** hash of the folder that was activated last: the same folder again does not undo a roll-back */
  readonly folder: string
}

export async function readActiveMappings({ db }: Store, session?: ClientSession): Promise<ActiveMappings | undefined> {
  const options = session ? { session } : {}
  return (await db.collection<ActiveMappingsDocument>('meta').findOne({ _id: ACTIVE }, options)) ?? undefined
}

/** What is kept can be put in force, now or later. */
export async function keepMappings(
  { mappingSets }: Store,
  { hash: _id, files }: { readonly hash: string; readonly files: MappingSetDocument['files'] },
): Promise<void> {
  await mappingSets.updateOne({ _id }, { $setOnInsert: { files, activated: new Date() } }, { upsert: true })
}

export async function activateMappings({ db, mappingSets }: Store, _id: string, folder: string): Promise<void> {
  await mappingSets.updateOne({ _id }, { $set: { activated: new Date() } })
  await db.collection<ActiveMappingsDocument>('meta').updateOne(
    { _id: ACTIVE },
    [
      {
        $set: {
          previous: { $cond: [{ $in: [{ $ifNull: ['$active', _id] }, [_id]] }, '$previous', '$active'] },
          active: _id,
          folder,
        },
      },
    ],
    { upsert: true },
  )
}

export async function readMappingSets({ mappingSets }: Store): Promise<MappingSetDocument[]> {
  return mappingSets.find().sort({ activated: -1 }).toArray()
}

export async function readMappingSet({ mappingSets }: Store, id: string): Promise<MappingSetDocument | undefined> {
  return (await mappingSets.findOne({ _id: id })) ?? undefined
}
