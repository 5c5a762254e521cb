/** Starts one embedded MongoDB and Redis for the whole run; global-teardown.ts stops them. */
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startServices } from '../../src/cli/services.ts'
import type { RunningServices } from '../../src/cli/services.ts'
import { readConfig } from '../../src/config/config.ts'

export interface TestServices {
  readonly services: RunningServices
  readonly dataDir: string
}

declare global {
  var isthmusTestServices: TestServices | undefined
}

// eslint-disable-next-line no-restricted-exports -- jest asks for a default export
export default async function start(): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'isthmus-test-'))
  const { PATH, XDG_CACHE_HOME } = process.env
  const services = await startServices(readConfig({ PATH, XDG_CACHE_HOME, ISTHMUS_DATA_DIR: dataDir }, []))
  process.env['ISTHMUS_TEST_MONGODB_URI'] = services.mongodbUri
  process.env['ISTHMUS_TEST_REDIS_URL'] = services.redisUrl
  globalThis.isthmusTestServices = { services, dataDir }
}
