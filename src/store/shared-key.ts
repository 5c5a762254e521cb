/** A random key that all gateways of one database share; made by the first that asks, and kept sealed. */
import { randomBytes } from 'node:crypto'
import type { Store } from './collections.ts'

const BYTES = 32
/** of the gateway itself: no resource has this type */
export const placeOfKey = (name: string) => ({ record: `default/$key/${name}`, path: 'key' })

export async function sharedKey(store: Store, name: string): Promise<Buffer> {
  const found = await store.meta.findOneAndUpdate(
    { _id: name },
    { $setOnInsert: { sealed: sealedKey(store, name, randomBytes(BYTES)) } },
    { upsert: true, returnDocument: 'after' },
  )
  if (found?.sealed === undefined) throw new Error(`the document "${name}" of meta holds no key`)
  return Buffer.from(store.seals.open(placeOfKey(name), found.sealed), 'base64url')
}

export function sealedKey({ seals }: Pick<Store, 'seals'>, name: string, key: Buffer): string {
  return seals.seal(placeOfKey(name), key.toString('base64url'))
}
