/**
 * The one way to MongoDB. Concerns are said aloud (majority, journalled), every wait has an end, and a standalone
 * server is refused: write-back is a transaction.
 */
import { MongoClient } from 'mongodb'
import type { CreateIndexesOptions } from 'mongodb'
import { StartError } from '../kernel/errors.ts'
import { APP_NAME } from './abandoned.ts'

const LIMIT = 5_000

const options = {
  appName: APP_NAME,
  writeConcern: { w: 'majority', journal: true },
  readConcern: { level: 'majority' },
  readPreference: 'primary',
  serverSelectionTimeoutMS: LIMIT,
  connectTimeoutMS: LIMIT,
  socketTimeoutMS: 60_000,
  maxPoolSize: 50,
} as const

/** An index of a large collection takes longer than anything else is waited for. */
export const MAKING: CreateIndexesOptions & { readonly socketTimeoutMS: number } = { socketTimeoutMS: 6 * 3_600_000 }

export async function connect(uri: string): Promise<MongoClient> {
  let client: MongoClient | undefined
  try {
    client = await new MongoClient(uri, options).connect()
    const hello = await client.db('admin').command({ hello: 1 })
    if (hello['setName'] !== undefined || hello['msg'] === 'isdbgrid') return client
  } catch (error) {
    await client?.close()
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error)
    throw new StartError(
      `MongoDB cannot be reached at MONGODB_URI (${reason ?? ''}); check the address and that it runs.`,
    )
  }
  await client.close()
  throw new StartError(
    'MONGODB_URI is a standalone server; the gateway needs a replica set (one member will do) or a sharded cluster.',
  )
}
