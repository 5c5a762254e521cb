/** The demo content of each system (`mappings/<system>/demo`), put into its database once, ever. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Store } from '../store/collections.ts'
import { upsertRows } from '../store/load-rows.ts'
import type { Context } from './context.ts'
import { readFolder } from './load.ts'

export async function loadDemo({ config, systems }: Context, store: Store): Promise<boolean> {
  if (!config.demo || (await store.meta.findOne({ _id: 'demo' }))) return false
  for (const { system: code, keys } of systems) {
    const source = config.sources.find(({ system }) => system === code)
    const folder = join(config.mappings, code, 'demo')
    if (!source || !existsSync(folder)) continue
    for (const [collection, rows] of readFolder(folder, keys)) {
      await upsertRows(store.client, source.database, collection, keys.get(collection) ?? [], rows)
    }
  }
  await store.meta.insertOne({ _id: 'demo', at: new Date() })
  return true
}
