/** Makes the embedded mongod the replica set of one that transactions and change streams need. */
import { setTimeout as sleep } from 'node:timers/promises'
import { MongoClient, MongoNetworkError, MongoServerError } from 'mongodb'
import { StartError } from '../kernel/errors.ts'

const ALREADY_INITIALIZED = 23
const NOT_YET_INITIALIZED = 94
const LIMIT = 60_000
const PAUSE = 25

interface ReplicaSetConfig {
  readonly version: number
  readonly members: readonly { readonly host: string }[]
}

/** Gives the URI when it is primary. */
export async function initiateReplicaSet(port: number, name: string): Promise<string> {
  const host = `127.0.0.1:${String(port)}`
  const client = new MongoClient(`mongodb://${host}/?directConnection=true`, { serverSelectionTimeoutMS: LIMIT })
  const end = Date.now() + LIMIT
  try {
    while (!(await isPrimary(client, name, host))) {
      if (Date.now() > end)
        throw new StartError('The embedded MongoDB did not become primary; the logs folder says why.')
      await sleep(PAUSE)
    }
    return `mongodb://${host}/?replicaSet=${name}`
  } finally {
    await client.close()
  }
}

/** mongod drops its connections when its role changes, so a broken one only means: ask again. */
async function isPrimary(client: MongoClient, name: string, host: string): Promise<boolean> {
  try {
    return (
      (await configure(client, name, host)) &&
      (await client.db('admin').command({ hello: 1 }))['isWritablePrimary'] === true
    )
  } catch (error) {
    if (error instanceof MongoNetworkError) return false
    throw error
  }
}

/** True when the replica set's configuration is there and names this port. */
async function configure(client: MongoClient, name: string, host: string): Promise<boolean> {
  const admin = client.db('admin')
  const answer = await unless(NOT_YET_INITIALIZED, () => admin.command({ replSetGetConfig: 1 }))
  if (!answer) {
    // A mongod on old data says "not yet initialized" as well, until it has read its configuration.
    const members = [{ _id: 0, host }]
    await unless(ALREADY_INITIALIZED, () => admin.command({ replSetInitiate: { _id: name, members } }))
    return false
  }
  const config = answer['config'] as ReplicaSetConfig
  if (config.members[0]?.host === host) return true
  // The configuration names the port of an earlier start. Forced, since under that name nobody is left to vote.
  const members = [{ ...config.members[0], host }]
  await admin.command({ replSetReconfig: { ...config, version: config.version + 1, members }, force: true })
  return false
}

async function unless<T>(code: number, command: () => Promise<T>): Promise<T | undefined> {
  try {
    return await command()
  } catch (error) {
    if (error instanceof MongoServerError && error.code === code) return undefined
    throw error
  }
}
