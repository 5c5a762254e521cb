/**
 * The one way to MongoDB. Concerns are said aloud (majority, journalled), every wait has an end, and a standalone
 * server is refused: write-back is a transaction.
 */
import { MongoClient, MongoServerError } from 'mongodb'
import { StartError } from '../kernel/errors.ts'

const LIMIT = 5_000

const options = {
  appName: 'isthmus',
  writeConcern: { w: 'majority', journal: true },
  readConcern: { level: 'majority' },
  readPreference: 'primary',
  serverSelectionTimeoutMS: LIMIT,
  connectTimeoutMS: LIMIT,
  socketTimeoutMS: 60_000,
  maxPoolSize: 50,
} as const

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

const NOT_YET_INITIALIZED = 94

/** Makes the embedded mongod a replica set of one under its present port, and gives the URI when it is primary. */
export async function initiateReplicaSet(port: number, name: string): Promise<string> {
  const host = `127.0.0.1:${String(port)}`
  const client = await new MongoClient(`mongodb://${host}/?directConnection=true`, {
    serverSelectionTimeoutMS: 30_000,
  }).connect()
  try {
    const admin = client.db('admin')
    const config = await currentConfig(client)
    if (!config) {
      await admin.command({ replSetInitiate: { _id: name, members: [{ _id: 0, host }] } })
    } else if (config.members[0]?.host !== host) {
      const members = [{ ...config.members[0], host }]
      await admin.command({ replSetReconfig: { ...config, version: config.version + 1, members }, force: true })
    }
    await untilPrimary(client)
    return `mongodb://${host}/?replicaSet=${name}`
  } finally {
    await client.close()
  }
}

interface ReplicaSetConfig {
  readonly version: number
  readonly members: readonly { readonly host: string }[]
}

async function currentConfig(client: MongoClient): Promise<ReplicaSetConfig | undefined> {
  try {
    return (await client.db('admin').command({ replSetGetConfig: 1 }))['config'] as ReplicaSetConfig
  } catch (error) {
    if (error instanceof MongoServerError && error.code === NOT_YET_INITIALIZED) return undefined
    throw error
  }
}

async function untilPrimary(client: MongoClient): Promise<void> {
  const end = Date.now() + 60_000
  for (;;) {
    const hello = await client.db('admin').command({ hello: 1 })
    if (hello['isWritablePrimary'] === true) return
    if (Date.now() > end)
      throw new StartError('The embedded MongoDB did not become primary in a minute; the logs folder says why.')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
