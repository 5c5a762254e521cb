/** Reading rows of the source systems. Secret columns never leave the database (entities G13). */
import type { Document } from 'mongodb'
import type { Row } from '../mapping/lens.ts'
import type { Store } from './collections.ts'
import type { Reader } from './reads.ts'
import { findAmong, findWhole } from './reads.ts'
import { sourceCollection } from './source-collection.ts'
import type { SourceCollection } from './source-rows.ts'

/** The rows that hold one of these values in a column. */
export async function readRowsAmong(
  store: Store,
  source: SourceCollection,
  column: string,
  values: readonly unknown[],
  reader: Reader | undefined,
): Promise<Row[]> {
  return findAmong(reader, sourceCollection(store, source), column, values, { projection: withoutSecrets(source) })
}

export async function readAllRows(store: Store, source: SourceCollection, reader: Reader): Promise<Row[]> {
  return findWhole(reader, sourceCollection(store, source), withoutSecrets(source))
}

function withoutSecrets({ secrets }: SourceCollection): Document {
  return Object.fromEntries(secrets.map((column) => [column, 0]))
}
