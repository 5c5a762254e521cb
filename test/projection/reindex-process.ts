/** A program that builds a new search parameter, slowly, for a test to kill: the database in its argument. */
import { setTimeout as sleep } from 'node:timers/promises'
import { createLogger } from '../../src/kernel/logger.ts'
import { defaultLimits } from '../../src/kernel/limits.ts'
import { registerProgram } from '../../src/store/program.ts'
import { Reindex } from '../../src/projection/reindex.ts'
import { useSearchParameters } from '../../src/r4/search-parameters.ts'
import { openStore } from '../../src/store/collections.ts'
import { connect } from '../../src/store/connection.ts'
import { reindexed } from './reindexed.ts'

useSearchParameters([reindexed])
const client = await connect(process.env['ISTHMUS_TEST_MONGODB_URI'] ?? '')
const store = openStore(client, process.argv[2] ?? '')
await registerProgram(store, defaultLimits)
const work = new Reindex({ store, log: createLogger('silent') })
await work.look()
while (await work.step()) await sleep(100)
await sleep(60_000)
