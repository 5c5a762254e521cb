/**
 * The key that seals page links, one for all gateways of a database. It keeps search values out of URLs and tells a link
 * that was changed; it guards nothing that the database does not hold in clear beside it.
 */
import { randomBytes } from 'node:crypto'
import { Binary, type Db } from 'mongodb'
import { withDeadline } from './deadline.ts'

interface KeyDocument {
  readonly _id: string
  readonly key: Binary
}

export function pageKey(db: Db): () => Promise<Uint8Array> {
  let known: Promise<Uint8Array> | undefined
  return () => {
    known ??= readKey(db).catch((error: unknown) => {
      known = undefined
      throw error
    })
    return known
  }
}

async function readKey(db: Db): Promise<Uint8Array> {
  const document = await withDeadline((deadline) =>
    db
      .collection<KeyDocument>('meta')
      .findOneAndUpdate(
        { _id: 'page-key' },
        { $setOnInsert: { key: new Binary(randomBytes(32)) } },
        { upsert: true, returnDocument: 'after', ...deadline },
      ),
  )
  if (document === null) throw new Error('An upsert gave no document')
  return document.key.buffer
}
