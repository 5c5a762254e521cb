/** A worker of exports and imports in a process of its own, for a test to kill: database and folder in its arguments. */
import { openStore } from '../../src/store/collections.ts'
import { connect } from '../../src/store/connection.ts'
import { defaultLimits } from '../../src/kernel/limits.ts'
import { registerProgram } from '../../src/store/program.ts'
import { testWorker } from '../support/bulk-server.ts'
import { mongodbUri } from '../support/services.ts'

const [, , database = '', folder = '', resources = ''] = process.argv
const store = openStore(await connect(mongodbUri()), database)
await registerProgram(store, defaultLimits)
testWorker(store, { folder, limits: { bulkFileResources: Number(resources) } }).start()
