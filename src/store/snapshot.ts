/**
 * Reading the database as it was at one moment: what is asked twice is read once, and what is asked in one turn of the
 * event loop goes out as one command (a round trip is what a read costs, not the documents in it).
 *
 * The moment is that of a transaction, or a time of the cluster without one. Reads of the second kind run in parallel and
 * for many at once, and a transaction may be begun later at the same time: it then sees what they saw, and a write in it
 * to what anybody changed since is a conflict, as if the reads had been made in it.
 */
import { ReadConcern } from 'mongodb'
import type { ClientSession, Collection, Document, Timestamp } from 'mongodb'
import type { Store } from './collections.ts'
import { idText } from './row-id.ts'
import { keysOf } from './source-rows.ts'

/** What reads of a snapshot are given by the driver. */
export type Moment = { readonly session: ClientSession } | { readonly readConcern: ReadConcern }

export interface Lookup {
  readonly projection?: Document
  /** beside the field that is looked in */
  readonly where?: Document
  /** no more are read, of all lookups that go out together */
  readonly most?: number
}

/** A lookup in one field that is about to go out, or went. */
interface Gathered {
  readonly values: unknown[]
  readonly found: Promise<Found>
}

interface Found {
  readonly count: number
  readonly byText: ReadonlyMap<string, Document[]>
}

/** Some of what was looked for was not read. */
export class TooManyError extends Error {
  override readonly name = 'TooManyError'
}

interface Field {
  readonly byValue: Map<string, Gathered>
  /** takes more values until the end of this turn */
  open: Gathered | undefined
}

export class Snapshot {
  readonly moment: Moment
  readonly #fields = new Map<string, Field>()
  readonly #whole = new Map<string, Promise<Document[]>>()
  #last: Promise<unknown> = Promise.resolve()

  constructor(moment: Moment) {
    this.moment = moment
  }

  /** The documents that hold one of `values` in `field`. */
  async among(
    collection: Collection,
    field: string,
    values: readonly unknown[],
    lookup: Lookup = {},
  ): Promise<Document[]> {
    const { byValue } = this.#field(collection, field, lookup)
    const gathered = values.map((value) => {
      const text = exactText(value)
      const known = this.#inFull(collection, field, lookup, text) ?? byValue.get(text)
      return known ?? this.#gather(collection, field, lookup, value, text)
    })
    const found = new Map<Gathered, Found>()
    for (const each of new Set(gathered)) found.set(each, await each.found)
    const documents = new Set<Document>()
    for (const [index, each] of gathered.entries()) {
      for (const text of looseTexts(values[index])) {
        for (const document of found.get(each)?.byText.get(text) ?? []) documents.add(document)
      }
    }
    if (lookup.most !== undefined && found.values().some(({ count }) => count >= (lookup.most ?? 0)))
      throw new TooManyError()
    return [...documents]
  }

  whole(collection: Collection, projection: Document): Promise<Document[]> {
    const key = `${collection.namespace} ${JSON.stringify(projection)}`
    const known = this.#whole.get(key) ?? this.#run(() => collection.find({}, { projection, ...this.moment }).toArray())
    this.#whole.set(key, known)
    return known
  }

  /** After a write in its transaction: what was read may be another by now. */
  forget(): void {
    this.#fields.clear()
    this.#whole.clear()
  }

  #field(collection: Collection, field: string, { projection, where, most }: Lookup): Field {
    const key = `${collection.namespace} ${field} ${JSON.stringify([projection, where, most])}`
    let known = this.#fields.get(key)
    if (!known) this.#fields.set(key, (known = { byValue: new Map(), open: undefined }))
    return known
  }

  /** A whole document answers also who asks for some of its fields. */
  #inFull(collection: Collection, field: string, { projection, where }: Lookup, text: string) {
    if (!projection || where || field !== '_id') return undefined
    return this.#field(collection, field, {}).byValue.get(text)
  }

  #gather(collection: Collection, name: string, lookup: Lookup, value: unknown, text: string): Gathered {
    const field = this.#field(collection, name, lookup)
    if (!field.open) {
      const values: unknown[] = []
      const found = endOfTurn().then(() => {
        field.open = undefined
        return this.#run(() => this.#find(collection, name, values, lookup))
      })
      field.open = { values, found: found.then((documents) => foundBy(documents, name)) }
    }
    field.open.values.push(value)
    field.byValue.set(text, field.open)
    return field.open
  }

  #find(
    collection: Collection,
    field: string,
    values: readonly unknown[],
    { projection, where, most }: Lookup,
  ): Promise<Document[]> {
    const filter = { ...where, [field]: values.length === 1 ? values[0] : { $in: values } }
    const options = { ...(projection && { projection }), ...(most && { limit: most }), ...this.moment }
    return collection.find(filter, options).toArray()
  }

  /** A session takes one command at a time. */
  #run<T>(command: () => Promise<T>): Promise<T> {
    if (!('session' in this.moment)) return command()
    const result = this.#last.then(command)
    this.#last = result.catch(() => undefined)
    return result
  }
}

function endOfTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/**
 * The latest moment that a majority has, and documents of the gateway's own as they were then. `session` is for a later
 * transaction at that moment, and for nothing in between: the server notes each one under its session's name, and one at
 * an earlier moment than the last note would be lost.
 */
export async function openSnapshot(
  { db }: Store,
  { collection, ids }: { readonly collection: string; readonly ids: readonly string[] },
  session: ClientSession,
): Promise<{ readonly snapshot: Snapshot; readonly documents: readonly Document[] }> {
  const readConcern = { level: 'snapshot' }
  const filter = { _id: ids.length === 1 ? ids[0] : { $in: ids } }
  const find = { find: collection, filter, batchSize: ids.length + 1, singleBatch: true, readConcern }
  const { cursor } = (await db.command(find, { session })) as { cursor: Opened }
  const { firstBatch, atClusterTime } = cursor
  // The driver sends a read concern as it is, but has no word for its time
  return {
    snapshot: new Snapshot({ readConcern: Object.assign(new ReadConcern('snapshot'), { atClusterTime }) }),
    documents: firstBatch,
  }
}

interface Opened {
  readonly firstBatch: readonly Document[]
  readonly atClusterTime: Timestamp
}

function exactText(value: unknown): string {
  return typeof value === 'string' ? `=${value}` : idText(value)
}

/** As keys are compared: a number and its digits are the same. */
function looseTexts(value: unknown): string[] {
  const keys = keysOf(value)
  return keys.length > 0 ? keys : [idText(value)]
}

function foundBy(documents: readonly Document[], field: string): Found {
  const byText = new Map<string, Document[]>()
  for (const document of documents) {
    for (const text of new Set(looseTexts(document[field]))) {
      const same = byText.get(text)
      if (same) same.push(document)
      else byText.set(text, [document])
    }
  }
  return { count: documents.length, byText }
}
