/** Starts one embedded MongoDB and Redis for the whole run; global-teardown.ts stops them, and so does a Ctrl-C. */
import { mkdtemp, rm, statfs } from 'node:fs/promises'
import { freemem, tmpdir } from 'node:os'
import { join } from 'node:path'
import { startServices } from '../../src/cli/services.ts'
import { readConfig } from '../../src/config/config.ts'

declare global {
  var stopIsthmusTestServices: (() => Promise<void>) | undefined
}

// eslint-disable-next-line no-restricted-exports -- jest asks for a default export
export default async function start(): Promise<void> {
  const dataDir = await mkdtemp(join(await quickFolder(), 'isthmus-test-'))
  // Folders that tests make for themselves lie in it, and go with it
  process.env['TMPDIR'] = dataDir
  const { PATH, XDG_CACHE_HOME } = process.env
  const starting = startServices(readConfig({ PATH, XDG_CACHE_HOME, ISTHMUS_DATA_DIR: dataDir }, []))
  const stop = async () => {
    await (await starting).stop()
    await rm(dataDir, { recursive: true, force: true })
  }
  globalThis.stopIsthmusTestServices = stop
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void stop().finally(() => process.exit(130)))
  }
  // Half of the CPU of a gateway's start is reading its TypeScript: those that tests start share what one has read
  process.env['NODE_COMPILE_CACHE'] ??= join(dataDir, 'compiled')
  const { mongodbUri, redisUrl } = await starting
  process.env['ISTHMUS_TEST_MONGODB_URI'] = mongodbUri
  process.env['ISTHMUS_TEST_REDIS_URL'] = redisUrl
}

/** A run keeps about 3 GB. */
const ROOM = 9 * 1024 ** 3

/** On Linux a folder in memory, where there is room: each commit of each test waits for its files otherwise. */
async function quickFolder(): Promise<string> {
  const { bavail, bsize } = await statfs('/dev/shm').catch(() => ({ bavail: 0, bsize: 0 }))
  return Math.min(bavail * bsize, freemem()) > ROOM ? '/dev/shm' : tmpdir()
}
