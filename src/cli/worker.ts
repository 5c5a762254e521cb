/** `isthmus worker`: the projection alone, beside gateways that run elsewhere. */
import { Command } from 'commander'
import { createLogger } from '../kernel/logger.ts'
import { ProjectionWorker } from '../projection/worker.ts'
import { openStore } from '../store/collections.ts'
import { connect } from '../store/connection.ts'
import { prepareSchema } from '../store/schema.ts'
import { readContext } from './context.ts'
import { servedDefinitions } from './definitions.ts'
import { findServices } from './services.ts'
import { aborted, stopSignal } from './signals.ts'
import { planFor } from './sources.ts'

export const workerCommand = new Command('worker').description('run the workers only').action(async () => {
  const context = readContext()
  const log = createLogger(context.config.logLevel)
  const client = await connect(findServices(context.config).mongodbUri)
  const store = openStore(client, context.config.database)
  await prepareSchema(store)
  const worker = new ProjectionWorker({ store, plan: planFor(context), log, definitions: servedDefinitions(context) })
  worker.start()
  process.stdout.write('isthmus worker ready\n')
  await aborted(stopSignal())
  await worker.stop()
  await client.close()
})
