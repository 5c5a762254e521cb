/** A worker in a process of its own, for a test to kill: the databases as JSON in its argument. */
import { createLogger } from '../../src/kernel/logger.ts'
import { definitionSet } from '../../src/projection/definitions.ts'
import { ProjectionWorker } from '../../src/projection/worker.ts'
import { openStore } from '../../src/store/collections.ts'
import { connect } from '../../src/store/connection.ts'
import type { Clinic } from './clinic.ts'
import { testPlan } from './clinic.ts'

const databases = JSON.parse(process.argv[2] ?? '') as Clinic['databases']
const client = await connect(process.env['ISTHMUS_TEST_MONGODB_URI'] ?? '')
const store = openStore(client, databases.gateway)
new ProjectionWorker({
  store,
  plan: testPlan(databases),
  log: createLogger('silent'),
  definitions: definitionSet([]),
}).start()
