/** The one real MongoDB and Redis of a test run (started by global-setup.ts), and names of a test's own in them. */
import { randomBytes } from 'node:crypto'

export function mongodbUri(): string {
  return given('ISTHMUS_TEST_MONGODB_URI')
}

export function redisUrl(): string {
  return given('ISTHMUS_TEST_REDIS_URL')
}

/** A name nobody else uses: for databases, so that test files never meet. */
export function uniqueName(prefix: string): string {
  return `${prefix}_${randomBytes(6).toString('hex')}`
}

function given(name: string): string {
  const value = process.env[name]
  if (value === undefined) throw new Error(`${name} is not set: run the tests with npm test`)
  return value
}
