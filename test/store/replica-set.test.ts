import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { REPLICA_SET, startEmbeddedMongodb } from '../../src/embedded/mongodb.ts'
import { connect } from '../../src/store/connection.ts'
import { initiateReplicaSet } from '../../src/store/replica-set.ts'

let dataDir: string
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'isthmus-replica-set-'))
})
afterAll(() => rm(dataDir, { recursive: true }))

function start() {
  const where = { path: process.env['PATH'] ?? '', cacheHome: process.env['XDG_CACHE_HOME'] }
  return startEmbeddedMongodb({ dataDir, where, tell: () => undefined })
}

/** Listens there as soon as the port is free. */
async function take(port: number): Promise<Server> {
  // closes what comes in: mongod asks the old port for itself, and waits 30 s for somebody who says nothing
  const server = createServer((socket) => socket.destroy())
  while (!server.listening) {
    await new Promise((resolve) => server.once('error', resolve).listen(port, '127.0.0.1', () => resolve(undefined)))
    await sleep(25)
  }
  return server
}

test('data survives a kill -9 and a new port; before it is a replica set it is refused as a standalone', async () => {
  const first = await start()
  await expect(connect(`mongodb://127.0.0.1:${String(first.port)}/?directConnection=true`)).rejects.toThrow(
    /standalone/,
  )
  const client = await connect(await initiateReplicaSet(first.port, REPLICA_SET))
  await client.db('kept').collection('things').insertOne({ kept: true })
  await client.close()
  process.kill(first.pid, 'SIGKILL')

  const squatter = await take(first.port)
  const second = await start()
  try {
    expect(second.port).not.toBe(first.port)
    const again = await connect(await initiateReplicaSet(second.port, REPLICA_SET))
    expect(await again.db('kept').collection('things').countDocuments({ kept: true })).toBe(1)
    await again.close()
  } finally {
    squatter.close()
    await second.stop()
  }
})
