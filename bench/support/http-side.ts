/**
 * The gateway's HTTP side alone, as src/main.ts composes it, on a database that is there: `fork` with URI and name,
 * `unvalidated` where validation is no part of what is measured, `tokens` where requests carry some, `staff` for the staff
 * API.
 */
import { createSecretKey, randomBytes } from 'node:crypto'
import { fhirHandler } from '../../src/fhir/router.ts'
import { callerFinder } from '../../src/cli/callers.ts'
import { staffApiFor } from '../../src/cli/staff.ts'
import { createApp } from '../../src/http/app.ts'
import { listen } from '../../src/http/server.ts'
import { defaultLimits } from '../../src/kernel/limits.ts'
import { createLogger } from '../../src/kernel/logger.ts'
import { usualPolicies } from '../../src/kernel/validation-policy.ts'
import type { ValidationPolicies } from '../../src/kernel/validation-policy.ts'
import { planOf } from '../../src/projection/plan.ts'
import { registryOf } from '../../src/r4/registry.ts'
import { baseDefinitions } from '../../src/r4/base-layer.ts'
import { openStore } from '../../src/store/collections.ts'
import { connect } from '../../src/store/connection.ts'
import { searchState } from '../../src/store/indexing.ts'
import { resourceReader } from '../../src/store/resource-reader.ts'
import { BENCH_ORIGIN } from './tokens.ts'

const BASE = 'https://interop.example.org'

const [, , uri = '', database = '', ...options] = process.argv
const unvalidated: ValidationPolicies = { usual: { invariants: 'off', profiles: 'off' }, tenants: new Map() }
const store = openStore(await connect(uri), database)
const log = createLogger('info')
const origin = (): string => BENCH_ORIGIN
const writeBack = { store, plan: planOf([], BASE), routing: {} }
const fhir = fhirHandler({
  reader: resourceReader(store),
  searchState: searchState(store),
  writeBack,
  pageKey: createSecretKey(randomBytes(32)),
  profiles: new Map(),
  registry: registryOf(baseDefinitions()),
  validation: options.includes('unvalidated') ? unvalidated : usualPolicies,
  limits: defaultLimits,
  fileTypes: ['*/*'],
})
const callerOf = callerFinder({ auth: options.includes('tokens') ? 'smart' : 'off' }, store, origin)
const shared = { fhir, callerOf, origin, log, limits: defaultLimits }
const staff = {
  ...shared,
  store,
  spool: { put: () => Promise.resolve() },
  addressOf: () => '127.0.0.1',
  writeBack: () => writeBack,
}
const app = createApp({
  ...shared,
  hasTenant: () => Promise.resolve(false),
  ready: () => Promise.resolve({ ready: true }),
  ...(options.includes('staff') && { others: [await staffApiFor({ canonicalBase: BASE, sources: [] }, staff)] }),
})
const { port } = await listen(app, '127.0.0.1', 0)
process.send?.(port)
