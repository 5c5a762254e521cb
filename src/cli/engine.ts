/**
 * Everything that follows from the mappings in force: plan, projection, the FHIR API over them. Other mappings come into
 * force while requests are served: they see the one or the other, and what is projected meanwhile stays readable.
 */
import { profilesByType } from '../conformance/definitions.ts'
import type { Bulk } from '../fhir/bulk/bulk.ts'
import type { Storages } from '../fhir/context.ts'
import type { PageKey } from '../fhir/page-token.ts'
import { fhirHandler } from '../fhir/router.ts'
import type { SubscriptionService } from '../fhir/subscriptions/service.ts'
import type { Answer, FhirHandler, FhirRequest } from '../http/answer.ts'
import type { Logger } from '../kernel/logger.ts'
import { byThoseInForce } from '../projection/in-force.ts'
import type { Layer, Registry } from '../r4/registry.ts'
import { ProjectionWorker } from '../projection/worker.ts'
import type { WriteBack } from '../projection/write-back.ts'
import type { Store } from '../store/collections.ts'
import { searchState } from '../store/indexing.ts'
import { resourceReader } from '../store/resource-reader.ts'
import type { InForce } from './active-mappings.ts'
import { definitionOptions, servedDefinitions } from './definitions.ts'
import type { ReadyState, Readiness } from './readiness.ts'
import { readiness } from './readiness.ts'
import { registryFor } from './registry.ts'
import { writeBackOf } from './write-back.ts'

export interface EngineParts {
  readonly store: Store
  readonly redis: { ping(): Promise<unknown> }
  readonly log: Logger
  readonly pageKey: PageKey
  /** definitions of FHIR packages */
  readonly packages: Layer
  readonly bulk: Bulk
  readonly subscriptions: SubscriptionService
  /** where files of sources may be fetched */
  readonly storages: Storages
}

interface Running {
  readonly worker: ProjectionWorker
  readonly fhir: FhirHandler
  readonly writeBack: WriteBack
  readonly registry: Registry
  readonly ready: Readiness
}

export class Engine {
  readonly #parts: EngineParts
  #running: Running

  constructor(parts: EngineParts, inForce: InForce) {
    this.#parts = parts
    this.#running = runningOf(parts, inForce)
  }

  start(): void {
    this.#running.worker.start()
  }

  /** Other mappings: what they change is projected again in the background. */
  async use(inForce: InForce): Promise<void> {
    const next = runningOf(this.#parts, inForce)
    const { worker } = this.#running
    this.#running = next
    await worker.stop()
    next.worker.start()
    this.#parts.log.info({}, 'other mappings are in force')
  }

  fhir(request: FhirRequest): Promise<Answer> {
    return byThoseInForce(
      () => this.#running,
      ({ fhir }) => fhir(request),
    )
  }

  /** Through what rows are written now, and by which definitions what is written is judged. */
  inUse(): Pick<Running, 'writeBack' | 'registry'> {
    return this.#running
  }

  ready(): Promise<ReadyState> {
    return this.#running.ready()
  }

  stop(): Promise<void> {
    return this.#running.worker.stop()
  }
}

function runningOf(parts: EngineParts, inForce: InForce): Running {
  const { store, redis, log, pageKey, packages, bulk, subscriptions, storages } = parts
  const { context } = inForce
  const writeBack = writeBackOf(store, inForce)
  const { plan } = writeBack
  const registry = registryFor(context, packages)
  return {
    ...{ writeBack, registry },
    worker: new ProjectionWorker({ store, plan, log, definitions: servedDefinitions(context) }),
    ready: readiness(store, plan, redis),
    fhir: fhirHandler({
      reader: resourceReader(store),
      searchState: searchState(store),
      ...{ writeBack, pageKey, bulk, subscriptions, storages, registry },
      profiles: profilesByType(definitionOptions(context)),
      validation: context.config.validation,
      limits: context.config.limits,
      isAuthorized: context.config.auth === 'smart',
      fileTypes: context.config.fileTypes,
    }),
  }
}
