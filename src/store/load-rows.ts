/** Writes documents into a source collection by primary key. Equal ones are not rewritten, so loading twice is nothing. */
import { calculateObjectSize, serialize } from 'bson'
import type { AnyBulkWriteOperation, Document, MongoClient } from 'mongodb'
import { StartError } from '../kernel/errors.ts'
import type { Row } from '../mapping/lens.ts'

export interface LoadCounts {
  readonly inserted: number
  readonly replaced: number
  readonly unchanged: number
}

const BATCH = 1000

export async function upsertRows(
  client: MongoClient,
  database: string,
  collection: string,
  key: readonly string[],
  rows: readonly Row[],
): Promise<LoadCounts> {
  const target = client.db(database).collection(collection)
  const counts = { inserted: 0, replaced: 0, unchanged: 0 }
  await target.createIndexes([{ key: Object.fromEntries(key.map((column) => [column, 1])) }])
  for (let start = 0; start < rows.length; start += BATCH) {
    const batch = rows.slice(start, start + BATCH).map((row) => ({ row, filter: keyFilter(collection, key, row) }))
    const stored = await target.find({ $or: batch.map(({ filter }) => filter) }).toArray()
    const known = new Map(stored.map((row) => [keyOf(key, row), row]))
    const writes = batch.flatMap(({ row, filter }): AnyBulkWriteOperation[] => {
      const before = known.get(keyOf(key, row))
      if (!before) {
        counts.inserted++
        return [{ insertOne: { document: { ...row } } }]
      }
      if (sameContent(before, row)) {
        counts.unchanged++
        return []
      }
      counts.replaced++
      return [{ replaceOne: { filter, replacement: { ...row } } }]
    })
    if (writes.length > 0) await target.bulkWrite(writes)
  }
  return counts
}

function keyFilter(collection: string, key: readonly string[], row: Row): Document {
  const missing = key.find((column) => row[column] === undefined || row[column] === null)
  if (missing !== undefined) throw new StartError(`A document of ${collection} has no ${missing}, which is its key.`)
  return Object.fromEntries(key.map((column) => [column, row[column]]))
}

function keyOf(key: readonly string[], row: Row): string {
  return JSON.stringify(key.map((column) => row[column]))
}

function sameContent({ _id: _, ...before }: Document, row: Row): boolean {
  if (calculateObjectSize(before) !== calculateObjectSize(row)) return false
  return Buffer.from(serialize(before)).equals(Buffer.from(serialize(row as Document)))
}
