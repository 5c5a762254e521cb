/**
 * The demo content of each system, put into its database once, ever: `mappings/<system>/demo`, and `demo-today` for rows
 * whose times are told from now on.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Store } from '../store/collections.ts'
import { upsertRows } from '../store/load-rows.ts'
import type { Context } from './context.ts'
import { asOf } from './demo-times.ts'
import { readFolder } from './load.ts'

export async function loadDemo({ config, systems }: Context, store: Store): Promise<boolean> {
  if (!config.demo || (await store.meta.findOne({ _id: 'demo' }))) return false
  const now = new Date()
  for (const { system: code, keys, timestamps } of systems) {
    const source = config.sources.find(({ system }) => system === code)
    if (!source) continue
    const folders = ['demo', 'demo-today'].map((name) => join(config.mappings, code, name))
    for (const folder of folders.filter((each) => existsSync(each))) {
      for (const [collection, rows] of readFolder(folder, keys, (text) => asOf(text, now, timestamps))) {
        await upsertRows(store.client, source.database, collection, keys.get(collection) ?? [], rows)
      }
    }
  }
  await store.meta.insertOne({ _id: 'demo', at: new Date() })
  return true
}
