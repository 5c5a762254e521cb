/** Search keys in a form that a release changed: they are made anew of what is stored. */
import { searchKeys } from '../../r4/search-keys.ts'
import { parseJson } from '../../r4/json.ts'
import type { JsonObject } from '../../r4/element-paths.ts'
import type { Store } from '../collections.ts'
import type { Migration } from './migration.ts'

const BATCH = 500

export function renewSearchKeys(to: number, title: string): Migration {
  return { to, title, run }
}

async function run({ resources }: Store): Promise<void> {
  let after = ''
  for (;;) {
    const found = await resources
      .find({ _id: { $gt: after }, deleted: false }, { projection: { body: 1, v: 1 } })
      .sort({ _id: 1 })
      .limit(BATCH)
      .toArray()
    const last = found.at(-1)
    if (!last) return
    after = last._id
    // A version that another gateway wrote meanwhile has its keys already, or the next start gives them
    const updates = found.map(({ _id, v, body }) => ({
      updateOne: { filter: { _id, v }, update: { $set: searchKeys(parseJson(body) as JsonObject) } },
    }))
    await resources.bulkWrite(updates, { ordered: false })
  }
}
