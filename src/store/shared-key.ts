/** A random key that all gateways of one database share; made by the first that asks. */
import { randomBytes } from 'node:crypto'
import { Binary } from 'mongodb'
import type { Store } from './collections.ts'

const BYTES = 32

export async function sharedKey(store: Store, name: string): Promise<Buffer> {
  const found = await store.meta.findOneAndUpdate(
    { _id: name },
    { $setOnInsert: { key: new Binary(randomBytes(BYTES)) } },
    { upsert: true, returnDocument: 'after' },
  )
  if (!found?.key) throw new Error(`the document "${name}" of meta holds no key`)
  return Buffer.from(found.key.value())
}
