/**
 * Where reads go: straight into a transaction, or to a snapshot, with the source rows on top that a write is about to
 * leave there.
 */
import type { ClientSession, Collection, Document } from 'mongodb'
import type { Row } from '../mapping/lens.ts'
import type { RowPlace } from './source-writer.ts'
import { idText } from './row-id.ts'
import type { Snapshot } from './snapshot.ts'
import type { Lookup, Moment } from './snapshot.ts'
import { keysOf } from './source-rows.ts'

export type Reader = ClientSession | Reads | Past

/** The database as it was at a moment, for one who asks for much at a time: nothing is gathered or remembered. */
export class Past {
  readonly moment: Moment

  constructor(moment: Moment) {
    this.moment = moment
  }
}

/** What the driver is given with a read. */
export function at(reader: Reader): Moment {
  if (reader instanceof Past) return reader.moment
  return reader instanceof Reads ? reader.snapshot.moment : { session: reader }
}

export async function findAmong<T extends Document>(
  reader: Reader | undefined,
  collection: Collection<T>,
  field: string,
  values: readonly unknown[],
  lookup: Lookup = {},
): Promise<T[]> {
  if (reader instanceof Reads) return [...(await reader.among(anyOf(collection), field, values, lookup))] as T[]
  const { projection, where } = lookup
  const options = { ...(projection && { projection }), ...(reader && at(reader)) }
  const filter = { ...where, [field]: { $in: values } }
  return (await anyOf(collection).find(filter, options).toArray()) as Document[] as T[]
}

export async function findWhole(reader: Reader, collection: Collection, projection: Document): Promise<Document[]> {
  if (reader instanceof Reads) return reader.whole(collection, projection)
  return collection.find({}, { projection, ...at(reader) }).toArray()
}

function anyOf<T extends Document>(collection: Collection<T>): Collection {
  return collection as unknown as Collection
}

/** A document, wherever it is: `text` is that of its `_id`. */
export interface Place {
  readonly namespace: string
  readonly text: string
}

/** The reads of one commit. */
export class Reads {
  readonly snapshot: Snapshot
  /** rows as they will be, by namespace and `_id`; undefined: gone */
  #written = new Map<string, Map<string, Row | undefined>>()
  /** documents that are read as if they never were, by namespace */
  #hidden: ReadonlyMap<string, ReadonlySet<string>> = new Map()
  /** the same with nothing hidden */
  all: Reads = this

  constructor(snapshot: Snapshot) {
    this.snapshot = snapshot
  }

  /** By as many commands as before; what is written by one is read by the other. */
  without(hidden: readonly Place[]): Reads {
    const reads = new Reads(this.snapshot)
    const byNamespace = Map.groupBy(hidden, ({ namespace }) => namespace)
    reads.#hidden = new Map([...byNamespace].map(([name, own]) => [name, new Set(own.map(({ text }) => text))]))
    reads.#written = this.#written
    reads.all = this.all
    return reads
  }

  /** From now on the row is read like this. */
  put({ database, collection, _id }: RowPlace, row: Row | undefined): void {
    const namespace = `${database}.${collection}`
    const rows = this.#written.get(namespace) ?? new Map<string, Row | undefined>()
    this.#written.set(namespace, rows.set(idText(_id), row))
  }

  /** The rows were written, and so are read as any others. */
  forget(): void {
    this.#written.clear()
    this.snapshot.forget()
  }

  async among(
    collection: Collection,
    field: string,
    values: readonly unknown[],
    lookup: Lookup,
  ): Promise<readonly Document[]> {
    const written = this.#written.get(collection.namespace)
    if (!written) return this.#seen(collection, await this.snapshot.among(collection, field, values, lookup))
    const asked = field === '_id' ? values.filter((value) => !written.has(idText(value))) : values
    const found = asked.length === 0 ? [] : await this.snapshot.among(collection, field, asked, lookup)
    const keys = new Set(values.flatMap(textsOf))
    return [
      ...withoutWritten(this.#seen(collection, found), written),
      ...rowsIn(written).filter((row) => textsOf(row[field]).some((text) => keys.has(text))),
    ]
  }

  async whole(collection: Collection, projection: Document): Promise<Document[]> {
    const written = this.#written.get(collection.namespace)
    const found = this.#seen(collection, await this.snapshot.whole(collection, projection))
    return written ? [...withoutWritten(found, written), ...rowsIn(written)] : [...found]
  }

  #seen(collection: Collection, found: readonly Document[]): readonly Document[] {
    const hidden = this.#hidden.get(collection.namespace)
    return hidden ? found.filter(({ _id }) => !hidden.has(idText(_id))) : found
  }
}

type Written = ReadonlyMap<string, Row | undefined>

function withoutWritten(found: readonly Document[], written: Written): Document[] {
  return found.filter(({ _id }) => !written.has(idText(_id)))
}

function rowsIn(written: Written): Row[] {
  return [...written.values()].filter((row) => row !== undefined)
}

function textsOf(value: unknown): string[] {
  const keys = keysOf(value)
  return keys.length > 0 ? keys : [idText(value)]
}
