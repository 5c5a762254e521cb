/**
 * Everything that follows from the mappings in force: plan, projection, the FHIR API over them. Other mappings come into
 * force while requests are served: they see the one or the other, and what is projected meanwhile stays readable.
 */
import { profilesByType } from '../conformance/definitions.ts'
import type { PageKey } from '../fhir/page-token.ts'
import { fhirHandler } from '../fhir/router.ts'
import type { Answer, FhirHandler, FhirRequest } from '../http/answer.ts'
import type { Logger } from '../kernel/logger.ts'
import { readRouting } from '../mapping/routing.ts'
import { ProjectionWorker } from '../projection/worker.ts'
import type { Store } from '../store/collections.ts'
import { resourceReader } from '../store/resource-reader.ts'
import type { Context } from './context.ts'
import { definitionOptions, servedDefinitions } from './definitions.ts'
import type { ReadyState, Readiness } from './readiness.ts'
import { readiness } from './readiness.ts'
import { planFor } from './sources.ts'

export interface EngineParts {
  readonly store: Store
  readonly redis: { ping(): Promise<unknown> }
  readonly log: Logger
  readonly pageKey: PageKey
}

interface Running {
  readonly worker: ProjectionWorker
  readonly fhir: FhirHandler
  readonly ready: Readiness
}

export class Engine {
  readonly #parts: EngineParts
  #running: Running

  constructor(parts: EngineParts, context: Context) {
    this.#parts = parts
    this.#running = runningOf(parts, context)
  }

  start(): void {
    this.#running.worker.start()
  }

  /** Other mappings: what they change is projected again in the background. */
  async use(context: Context): Promise<void> {
    const next = runningOf(this.#parts, context)
    const { worker } = this.#running
    this.#running = next
    await worker.stop()
    next.worker.start()
    this.#parts.log.info({}, 'other mappings are in force')
  }

  fhir(request: FhirRequest): Promise<Answer> {
    return this.#running.fhir(request)
  }

  ready(): Promise<ReadyState> {
    return this.#running.ready()
  }

  stop(): Promise<void> {
    return this.#running.worker.stop()
  }
}

function runningOf({ store, redis, log, pageKey }: EngineParts, context: Context): Running {
  const plan = planFor(context)
  return {
    worker: new ProjectionWorker({ store, plan, log, definitions: servedDefinitions(context) }),
    ready: readiness(store, plan, redis),
    fhir: fhirHandler({
      reader: resourceReader(store),
      writeBack: { store, plan, routing: readRouting(context.config.mappings) },
      pageKey,
      profiles: profilesByType(definitionOptions(context)),
    }),
  }
}
