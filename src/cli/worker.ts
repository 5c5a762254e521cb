/** `isthmus worker`: the projection and all work in the background, beside gateways that run elsewhere. */
import { Command } from 'commander'
import { createLogger } from '../kernel/logger.ts'
import { registerProgram } from '../store/program.ts'
import { ProjectionWorker } from '../projection/worker.ts'
import type { Config } from '../config/config.ts'
import type { Store } from '../store/collections.ts'
import { openOwnStore } from './seals.ts'
import { connect } from '../store/connection.ts'
import { prepareSchema } from '../store/schema.ts'
import { claimKeys } from '../store/seals-in-use.ts'
import type { InForce } from './active-mappings.ts'
import { followMappings, mappingsInForce } from './active-mappings.ts'
import { startSealer } from './audit-parts.ts'
import type { InUse } from './bulk.ts'
import { readContext } from './context.ts'
import { exitCodeOf } from './failure.ts'
import { servedDefinitions } from './definitions.ts'
import { sweepFilesRegularly } from './file-sweep.ts'
import { loadedPackages, registryFor } from './registry.ts'
import { findServices } from './services.ts'
import { stopSignal } from './signals.ts'
import { planFor } from './sources.ts'
import { openProbes } from './worker-probes.ts'
import { makeWorkers } from './workers.ts'
import { writeBackOf } from './write-back.ts'

export const workerCommand = new Command('worker').description('run the workers only').action(async () => {
  // What is open by then would hold up one that cannot work
  await work().catch((error: unknown) => process.exit(exitCodeOf(error)))
})

async function work(): Promise<void> {
  const context = readContext()
  const log = createLogger(context.config.logLevel)
  const { mongodbUri, redisUrl } = findServices(context.config)
  const store = await readyStore(context.config, mongodbUri)
  const writer = await registerProgram(store, context.config.limits)
  const endSweep = sweepFilesRegularly(store, context.config.limits, log)
  const sealer = startSealer(context.config, store, log)
  const stop = stopSignal()
  const inForce = await mappingsInForce(context, store)
  const workerOf = ({ context: own }: InForce): ProjectionWorker =>
    new ProjectionWorker({ store, plan: planFor(own), log, definitions: servedDefinitions(own) })
  let worker = workerOf(inForce)
  const packages = await loadedPackages(context, log)
  const inUseOf = (next: InForce): InUse => ({
    writeBack: writeBackOf(store, next),
    registry: registryFor(next.context, packages),
  })
  let inUse = inUseOf(inForce)
  const background = await makeWorkers({ config: context.config, store, redisUrl, log }, () => inUse)
  const endProbes = await openProbes(context.config, { store, redisUrl, plan: () => inUse.writeBack.plan })
  worker.start()
  background.start()
  process.stdout.write('isthmus worker ready\n')
  const change = async (next: InForce): Promise<void> => {
    await worker.stop()
    worker = workerOf(next)
    inUse = inUseOf(next)
    worker.start()
  }
  const failed = (error: unknown): void => log.error({ err: error }, 'the mappings in force cannot be used here')
  await followMappings(inForce, store, { change, failed }, stop)
  await endProbes()
  await background.stop()
  await worker.stop()
  endSweep()
  await Promise.all([sealer.stop(), writer.stop()])
  await store.client.close()
}

async function readyStore(config: Config, mongodbUri: string): Promise<Store> {
  const store = await openOwnStore(await connect(mongodbUri), config)
  await claimKeys(store)
  await prepareSchema(store)
  return store
}
