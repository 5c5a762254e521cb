/** The FHIR API with subscriptions, and what tells receivers, on real services: relay and deliverer as workers run them. */
import { setTimeout as sleep } from 'node:timers/promises'
import { join } from 'node:path'
import { showState } from '../../src/cli/subscriptions.ts'
import { readTopics } from '../../src/conformance/subscription-topics.ts'
import { SubscriptionDeliverer, wakingName } from '../../src/fhir/subscriptions/deliverer.ts'
import { SubscriptionFollower } from '../../src/fhir/subscriptions/follower.ts'
import { SubscriptionSockets } from '../../src/fhir/subscriptions/sockets.ts'
import type { AppOptions } from '../../src/http/app.ts'
import { defaultLimits } from '../../src/kernel/limits.ts'
import type { Limits } from '../../src/kernel/limits.ts'
import { outbound } from '../../src/outbound/outbound.ts'
import { LOOPBACK } from '../../src/outbound/reach.ts'
import { openJobQueue } from '../../src/queue/job-queue.ts'
import { Relay } from '../../src/workers/relay.ts'
import type { FhirServer, Sample } from './fhir-server.ts'
import { startFhirServer } from './fhir-server.ts'
import { redisUrl, uniqueName } from './services.ts'

export const BASE = 'https://interop.example.org'
export const CONTENT = 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-payload-content'
export const FILTER = 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-filter-criteria'
export const topics = readTopics(join(import.meta.dirname, '../../profiles'), BASE)

export interface SubscriptionServer {
  readonly server: FhirServer
  startWorkers(): void
  stopWorkers(): Promise<void>
  stop(): Promise<void>
}

export interface SubscriptionServerOptions {
  readonly callerOf?: AppOptions['callerOf']
  /** rights are looked up */
  readonly isAuthorized?: boolean
  readonly limits?: Partial<Limits>
}

export async function startSubscriptionServer(options: SubscriptionServerOptions = {}): Promise<SubscriptionServer> {
  const { callerOf, isAuthorized = false, limits: some = {} } = options
  const limits = { ...defaultLimits, ...some }
  const place = { redisUrl: redisUrl(), database: uniqueName('subscriptions') }
  const queue = openJobQueue(place, 'subscriptions')
  const wake = (ids: readonly string[]): void => void queue.add(ids.map((id) => wakingName(id)))
  const calls = outbound({ networks: LOOPBACK })
  let sockets: SubscriptionSockets | undefined
  const server = await startFhirServer({
    ...(callerOf && { callerOf }),
    limits: some,
    subscriptions: { topics, assertWithin: calls.assertWithin, wake },
    upgrades: (store, log) => (sockets = new SubscriptionSockets({ store, log, isAuthorized })),
  })
  const { store, writeBack, logger: log } = server
  const parts = { store, limits, isAuthorized, place, queue, log, outbound: calls, seals: store.seals }
  const workers = () => {
    const follower = new SubscriptionFollower({ ...parts, topics, writeBack: () => writeBack, wake })
    const show: ConstructorParameters<typeof SubscriptionDeliverer>[0]['show'] = (each) => showState(writeBack, each)
    return [new Relay({ store, log, followers: [follower] }), new SubscriptionDeliverer({ ...parts, show })]
  }
  let running: ReturnType<typeof workers> = []
  const stopWorkers = async (): Promise<void> => {
    await Promise.all(running.map((each) => each.stop()))
    running = []
  }
  return {
    server,
    startWorkers() {
      running = workers()
      for (const each of running) each.start()
    },
    stopWorkers,
    async stop() {
      await stopWorkers()
      await sockets?.close()
      calls.close()
      await queue.close()
      await server.stop()
    },
  }
}

/** A Subscription to a topic by rest-hook, as it is sent. */
export function subscriptionTo(
  topic: string,
  endpoint: string,
  { content = 'id-only', filters = [], channel = {} }: Partial<Wishes> = {},
): object {
  return {
    resourceType: 'Subscription',
    status: 'requested',
    reason: 'A test',
    criteria: `${BASE}/SubscriptionTopic/${topic}`,
    ...(filters.length > 0 && {
      _criteria: { extension: filters.map((valueString) => ({ url: FILTER, valueString })) },
    }),
    channel: {
      type: 'rest-hook',
      endpoint,
      payload: 'application/fhir+json',
      _payload: { extension: [{ url: CONTENT, valueCode: content }] },
      ...channel,
    },
  }
}

interface Wishes {
  readonly content: string
  readonly filters: readonly string[]
  readonly channel: object
}

/** What a notification says, of its first entry. */
export interface Notified {
  readonly type: string
  readonly status: string
  readonly count: number
  readonly numbers: readonly number[]
  readonly focuses: readonly string[]
  /** behind the first entry */
  readonly entries: readonly { readonly fullUrl: string; readonly resource?: Sample }[]
}

export function notifiedIn(text: string): Notified {
  const { entry } = JSON.parse(text) as { entry: { resource: { parameter: Parameter[] }; fullUrl: string }[] }
  const parameters = entry[0]?.resource.parameter ?? []
  const value = (name: string): Parameter | undefined => parameters.find((each) => each.name === name)
  const events = parameters.filter(({ name }) => name === 'notification-event').map(({ part = [] }) => part)
  const partOf = (parts: readonly Parameter[], name: string): Parameter | undefined =>
    parts.find((each) => each.name === name)
  return {
    type: value('type')?.valueCode ?? '',
    status: value('status')?.valueCode ?? '',
    count: Number(value('events-since-subscription-start')?.valueString),
    numbers: events.map((parts) => Number(partOf(parts, 'event-number')?.valueString)),
    focuses: events.flatMap((parts) => {
      const reference = partOf(parts, 'focus')?.valueReference?.reference
      return reference === undefined ? [] : [reference.replace(/^.*\/fhir\/R4\//, '')]
    }),
    entries: entry.slice(1) as unknown as Notified['entries'],
  }
}

interface Parameter {
  readonly name: string
  readonly valueCode?: string
  readonly valueString?: string
  readonly valueReference?: { readonly reference: string }
  readonly part?: readonly Parameter[]
}

/** As long as it takes; the test's own limit ends it. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(20)
}
