/**
 * The composition root: every part of the gateway and what it is given, in the order it starts.
 *
 * Stopping goes the other way round: requests drain, the batch in hand is finished, then the services that were started
 * here are stopped.
 */
import { createSecretKey } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { admissionFor } from './cli/admission.ts'
import type { InForce } from './cli/active-mappings.ts'
import { followMappings, mappingsInForce } from './cli/active-mappings.ts'
import type { Spool } from './audit/spool.ts'
import { auditSpool, startSealer } from './cli/audit-parts.ts'
import type { BulkOptions } from './cli/bulk.ts'
import { bulkService } from './cli/bulk.ts'
import { callerFinder } from './cli/callers.ts'
import { queuesConsoleFor } from './cli/console.ts'
import type { Context } from './cli/context.ts'
import { readContext } from './cli/context.ts'
import { loadDemo } from './cli/demo.ts'
import { Engine } from './cli/engine.ts'
import { loadedPackages } from './cli/registry.ts'
import { exitCodeOf } from './cli/failure.ts'
import type { Readiness } from './cli/readiness.ts'
import type { RunningServices } from './cli/services.ts'
import { sweepFilesRegularly } from './cli/file-sweep.ts'
import { openStorages } from './cli/files.ts'
import { startServices } from './cli/services.ts'
import { makeWorkers } from './cli/workers.ts'
import { stopSignal } from './cli/signals.ts'
import type { OpenService } from './cli/subscriptions.ts'
import { subscriptionService } from './cli/subscriptions.ts'
import type { StaffOptions } from './cli/staff.ts'
import { staffApiFor } from './cli/staff.ts'
import { secondOpinions } from './cli/second-opinions.ts'
import type { Config } from './config/config.ts'
import { assertMayListen } from './config/config.ts'
import { audited, auditedCallers } from './fhir/audited.ts'
import type { Bulk } from './fhir/bulk/bulk.ts'
import { createApp } from './http/app.ts'
import type { OtherApi } from './http/app.ts'
import { clientAddressBy, isFromProxy } from './http/client-address.ts'
import { listen } from './http/server.ts'
import type { Connections } from './http/server.ts'
import { StartError } from './kernel/errors.ts'
import type { Logger } from './kernel/logger.ts'
import { createLogger } from './kernel/logger.ts'
import { registerProgram } from './store/program.ts'
import type { Redis } from 'ioredis'
import { connectRedis } from './queue/connection.ts'
import type { ServeParts } from './staff/app/serve.ts'
import type { Smart } from './smart/smart.ts'
import { messageChoices } from './smart/message-choices.ts'
import type { Store } from './store/collections.ts'
import { openOwnStore } from './cli/seals.ts'
import { connect } from './store/connection.ts'
import { prepareSchema } from './store/schema.ts'
import { claimKeys } from './store/seals-in-use.ts'
import { sharedKey } from './store/shared-key.ts'
import { servedTenants } from './store/served-tenants.ts'

/** What was started, to be stopped in the opposite order. */
type Stops = (() => Promise<unknown>)[]

/** Runs the gateway until it is told to stop. */
export async function serve(): Promise<void> {
  const context = readContext()
  assertMayListen(context.config)
  const stop = stopSignal()
  const stops: Stops = []
  try {
    await start(context, stops, stop)
  } finally {
    for (const end of stops.reverse()) await end()
  }
}

async function start(context: Context, stops: Stops, stop: AbortSignal): Promise<void> {
  const log = createLogger(context.config.logLevel)
  const services = await startServices(context.config)
  stops.push(() => services.stop())
  const store = await startStore(context, services, stops)
  const endSweep = sweepFilesRegularly(store, context.config.limits, log)
  stops.push(() => {
    endSweep()
    return Promise.resolve()
  })
  const redis = await connectRedis(services.redisUrl)
  stops.push(() => redis.quit())
  const inForce = await mappingsInForce(context, store)
  const packages = await loadedPackages(context, log)
  const options = { config: context.config, store, redisUrl: services.redisUrl, log }
  const { bulk, subscriptions } = await openServices(options, stops)
  const pageKey = createSecretKey(await sharedKey(store, 'page-key'))
  const storages = await openStorages(context.config.sources)
  const engine = new Engine({ store, redis, log, packages, pageKey, bulk, storages, subscriptions }, inForce)
  stops.push(() => engine.stop())
  const workers = await makeWorkers(options, () => engine.inUse())
  stops.push(() => workers.stop())
  const sealer = startSealer(context.config, store, log)
  stops.push(() => sealer.stop())
  const spool = auditSpool(context.config, store, log)
  stops.push(() => spool.close())
  const connections = { isProxy: isFromProxy(context.config.trustedProxies), upgrades: subscriptions.sockets }
  const url = await startHttp(
    context,
    { store, engine, redis, redisUrl: options.redisUrl, spool, log, connections },
    stops,
  )
  engine.start()
  workers.start()
  services.announce(url)
  await sayReady(context.config, url, () => engine.ready(), stop)
  const change = (next: InForce): Promise<void> => engine.use(next)
  const failed = (error: unknown): void => log.error({ err: error }, 'the mappings in force cannot be used here')
  await followMappings(inForce, store, { change, failed }, stop)
}

interface Services {
  readonly bulk: Bulk
  readonly subscriptions: OpenService
}

/** What the FHIR API hands work on with. */
async function openServices(options: BulkOptions, stops: Stops): Promise<Services> {
  const service = await bulkService(options)
  stops.push(() => service.close())
  const subscriptions = subscriptionService(options)
  stops.push(() => subscriptions.close())
  return { bulk: service.bulk, subscriptions }
}

async function startStore(context: Context, { mongodbUri }: RunningServices, stops: Stops): Promise<Store> {
  const client = await connect(mongodbUri)
  stops.push(() => client.close())
  const store = await openOwnStore(client, context.config)
  await claimKeys(store)
  await prepareSchema(store)
  const writer = await registerProgram(store, context.config.limits)
  stops.push(() => writer.stop())
  if (await loadDemo(context, store)) say('The demo content of all source systems is loaded.')
  return store
}

interface HttpParts {
  readonly store: Store
  readonly engine: Engine
  readonly redis: Redis
  readonly redisUrl: string
  readonly spool: Spool
  readonly log: Logger
  readonly connections: Connections
}

async function startHttp({ config }: Context, parts: HttpParts, stops: Stops): Promise<string> {
  const { store, engine, redis, spool, log } = parts
  let origin = ''
  let admission: ReturnType<typeof admissionFor> | undefined = undefined
  const configured = config.sources.map(({ tenant }) => tenant)
  const server = config.auth === 'smart' ? await import('./cli/smart.ts') : undefined
  const keys = await server?.signingKeys(config)
  const smart = Promise.withResolvers<Smart>()
  const addressOf = clientAddressBy(config.trustedProxies)
  const sealed = () => engine.inUse().writeBack.plan.sealed
  const shared = {
    fhir: audited((request) => engine.fhir(request), { spool, log, sealed }),
    callerOf: auditedCallers(
      callerFinder(config, store, () => origin),
      spool,
      addressOf,
    ),
    ...{ addressOf, log, limits: config.limits, hasTenant: servedTenants(store, configured) },
    ...{ origin: () => origin, admission: () => admission },
  }
  const sessionOf: ApiSessions = keys && (async (...asked) => (await smart.promise).staffSession(...asked))
  const console = queuesConsoleFor(parts, { origin: shared.origin, sessionOf })
  stops.push(() => console.close())
  const others = [...(await otherApis(config, parts, { ...shared, sessionOf })), console]
  const ready = readyWithAudit(engine, spool)
  const app = createApp({ ...shared, ready, others, ...(keys && { smart: smart.promise }) })
  const listening = await listen(app, config.host, config.port, config.limits, parts.connections)
  stops.push(() => listening.close())
  const host = config.host.includes(':') ? `[${config.host}]` : config.host
  const url = `http://${host}:${listening.port}`
  origin = config.publicUrl ?? url
  admission = admissionFor(config, redis, { origin, port: listening.port })
  stops.push(admission.stop)
  const service = keys && (await server?.smartService(config, store, { ...shared, keys, origin }))
  if (service) smart.resolve(service)
  service?.links.forEach(say)
  return url
}

type ApiSessions = StaffOptions['sessionOf']

/** What is served beside FHIR. */
async function otherApis(
  config: Config,
  { store, engine, spool }: HttpParts,
  shared: Omit<StaffOptions, 'store' | 'writeBack' | 'spool'> & Pick<ServeParts, 'admission' | 'log'>,
): Promise<OtherApi[]> {
  const given = { ...shared, spool, writeBack: () => engine.inUse().writeBack }
  const choices = messageChoices({ store, limits: config.limits })
  return [...secondOpinions(config, given), await staffApiFor(config, { ...given, store }), choices]
}

/** What cannot be put on record is not answered. */
function readyWithAudit(engine: Engine, spool: Spool): Readiness {
  return async () => {
    const [state, audit] = [await engine.ready(), spool.isOpen()]
    return { ...state, ready: state.ready && audit, audit }
  }
}

async function sayReady({ auth, channels }: Config, url: string, ready: Readiness, stop: AbortSignal): Promise<void> {
  say(`FHIR base:  ${url}/fhir/R4 (a tenant's: ${url}/t/{slug}/fhir/R4)`)
  say(`Probes:     ${url}/health/ready, ${url}/metrics`)
  if (channels.folder !== undefined) say(`Messages:   what has no mail server or provider goes to ${channels.folder}`)
  if (auth === 'off') say('Authorization is off: everybody on this machine may read everything.')
  while (!stop.aborted && !(await ready()).ready) await sleep(100, undefined, { signal: stop }).catch(() => undefined)
  if (!stop.aborted) say(`isthmus ready ${url}`)
}

function say(sentence: string): void {
  process.stdout.write(`${sentence}\n`)
}

function assertNoArguments([first]: readonly string[]): void {
  if (first === undefined) return
  throw new StartError(
    `"${first}" is no part of the start, which takes its settings from the environment (README); isthmus --help has the commands.`,
  )
}

if (import.meta.main) {
  try {
    assertNoArguments(process.argv.slice(2))
    await serve()
  } catch (error) {
    process.exitCode = exitCodeOf(error)
  }
}
