/**
 * Gateway databases for tests. Making one takes some 40 collections and half a second of CPU, so a test file hands on what
 * it had to the next one of its worker: emptied, and prepared as a gateway prepares what it finds.
 */
import type { Seals } from '../../src/seal/seals.ts'
import { noSeals } from '../../src/seal/seals.ts'
import type { Store } from '../../src/store/collections.ts'
import { openStore } from '../../src/store/collections.ts'
import { connect } from '../../src/store/connection.ts'
import { prepareSchema } from '../../src/store/schema.ts'
import { mongodbUri, uniqueName } from './services.ts'

/** More documents than this go with their collection: that is quicker than one by one. */
const MANY = 500

/** What each that is handed on had when it was made; what is added to it in use is dropped. */
const made = new Map<string, ReadonlySet<string>>()
const free: string[] = []

/**
 * A prepared store in a database that nobody else uses, over a connection of its own. Where others than MongoDB know the
 * database by its name, as the queue in Redis does, nobody had it before and nobody has it after.
 */
export async function openTestStore(seals: Seals = noSeals, isHandedOn = true): Promise<Store> {
  const used = isHandedOn ? free.pop() : undefined
  const store = openStore(await connect(mongodbUri()), used ?? uniqueName('gateway'), seals)
  if (used !== undefined) await empty(store)
  await prepareSchema(store)
  if (isHandedOn && used === undefined) made.set(store.db.databaseName, new Set(await namesIn(store)))
  return store
}

/** Whoever wrote into it must have ended. */
export async function closeStore({ client, db }: Store): Promise<void> {
  if (made.has(db.databaseName)) free.push(db.databaseName)
  else await db.dropDatabase()
  await client.close()
}

async function empty(store: Store): Promise<void> {
  const known = made.get(store.db.databaseName)
  // Whoever looked at what it was asked may have left that on
  await store.db.setProfilingLevel('off')
  const emptied = async (name: string): Promise<unknown> => {
    const collection = store.db.collection(name)
    const count = await collection.estimatedDocumentCount()
    if (known?.has(name) !== true || count > MANY) return collection.drop()
    return count > 0 && collection.deleteMany()
  }
  await Promise.all((await namesIn(store)).map(emptied))
}

async function namesIn({ db }: Store): Promise<string[]> {
  return (await db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name)
}
