/** Everything that sends, in a process of its own, for a test to kill: database, source's database and receiver in its arguments. */
import { loadSystems } from '../../../src/mapping/load.ts'
import { planOf } from '../../../src/projection/plan.ts'
import { openStore } from '../../../src/store/collections.ts'
import { connect } from '../../../src/store/connection.ts'
import { owingWorkers } from '../../support/owing.ts'
import { mongodbUri } from '../../support/services.ts'

const [, , database = '', hms = '', receiver = ''] = process.argv
const base = 'https://interop.example.org'
const system = loadSystems('mappings', { base }).systems.find((each) => each.system === 'hms')
if (!system) throw new Error('there are no mappings of hms')
const jobs = ['appointment-reminders']
const plan = planOf([{ system, database: hms, tenant: 'default', timeZone: 'UTC', jobs }], base)
const store = openStore(await connect(mongodbUri()), database)
owingWorkers({ store, plan, routing: {} }, receiver).start()
