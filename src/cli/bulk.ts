/** Exports and imports put together: the workers with what the FHIR API knows of both. */
import type { Config } from '../config/config.ts'
import type { Bulk } from '../fhir/bulk/bulk.ts'
import { exportFilters, exportLine } from '../fhir/bulk/export-rules.ts'
import { exportMembers } from '../fhir/bulk/members.ts'
import { Polls } from '../fhir/bulk/polls.ts'
import { importOperation } from '../fhir/bulk/import-rules.ts'
import { knowledgeOf } from '../fhir/knowledge.ts'
import type { Limits } from '../kernel/limits.ts'
import type { Logger } from '../kernel/logger.ts'
import type { WriteBack } from '../projection/write-back.ts'
import type { Registry } from '../r4/registry.ts'
import { openJobQueue } from '../queue/job-queue.ts'
import type { Store } from '../store/collections.ts'
import { resourceReader } from '../store/resource-reader.ts'
import type { ExportRules } from '../workers/bulk-export.ts'
import { BulkWorker, queueName } from '../workers/bulk-worker.ts'
import { openFiles, openImports } from './files.ts'

export interface BulkOptions {
  readonly config: Config
  readonly store: Store
  readonly redisUrl: string
  readonly log: Logger
}

export function exportRules(store: Store, limits: Limits): ExportRules {
  const reader = resourceReader(store)
  return {
    filters: (job) => exportFilters({ reader, limits }, job),
    members: (job, type) => exportMembers(reader, job, type),
    line: exportLine,
  }
}

/** What of the mappings in force an import is written by. */
export interface InUse {
  readonly writeBack: WriteBack
  readonly registry: Registry
}

/** `inUse`: whenever it is asked. */
export async function bulkWorker(
  { config, store, redisUrl, log }: BulkOptions,
  inUse: () => InUse,
): Promise<BulkWorker> {
  const { limits, database, validation } = config
  return new BulkWorker({
    ...{ store, limits, log },
    files: await openFiles(config),
    imports: openImports(config),
    place: { redisUrl, database },
    exports: exportRules(store, limits),
    importing: {
      operation: ({ permit }, text, type) => {
        const { validator } = knowledgeOf(inUse().registry)
        return importOperation({ validator, validation, request: permit }, text, type)
      },
      writeBack: () => inUse().writeBack,
    },
  })
}

/** What the FHIR API is given; to be closed when it serves no more. */
export async function bulkService({
  config,
  store,
  redisUrl,
}: BulkOptions): Promise<{ readonly bulk: Bulk; close(): Promise<void> }> {
  const queue = openJobQueue({ redisUrl, database: config.database }, 'bulk')
  const bulk: Bulk = {
    store,
    files: await openFiles(config),
    imports: openImports(config),
    // Where Redis is away, workers find it as soon as it is back
    wake: (id) => void queue.add([queueName({ id, fence: 1 })]).catch(() => undefined),
    polls: new Polls(),
    requiresAccessToken: config.auth === 'smart',
  }
  return { bulk, close: () => queue.close() }
}
