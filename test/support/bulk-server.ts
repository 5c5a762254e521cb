/** The FHIR API with exports and imports, and the worker of both, on real services and a folder of its own. */
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Resource } from '@medplum/fhirtypes'
import { exportRules } from '../../src/cli/bulk.ts'
import type { Bulk } from '../../src/fhir/bulk/bulk.ts'
import { importOperation } from '../../src/fhir/bulk/import-rules.ts'
import { Polls } from '../../src/fhir/bulk/polls.ts'
import { knowledgeOf } from '../../src/fhir/knowledge.ts'
import { folderFiles } from '../../src/files/folder.ts'
import type { AppOptions } from '../../src/http/app.ts'
import { defaultLimits } from '../../src/kernel/limits.ts'
import type { Limits } from '../../src/kernel/limits.ts'
import { createLogger } from '../../src/kernel/logger.ts'
import type { ValidationPolicies } from '../../src/kernel/validation-policy.ts'
import { planOf } from '../../src/projection/plan.ts'
import { openJobQueue } from '../../src/queue/job-queue.ts'
import { baseDefinitions } from '../../src/r4/base-layer.ts'
import { registryOf } from '../../src/r4/registry.ts'
import type { Store } from '../../src/store/collections.ts'
import { BulkWorker, queueName } from '../../src/workers/bulk-worker.ts'
import type { Answer, FhirServer, FhirServerOptions } from './fhir-server.ts'
import { startFhirServer } from './fhir-server.ts'
import { redisUrl } from './services.ts'

export interface ManifestFile {
  readonly type: string
  readonly url: string
  readonly count: number
  readonly extension: { readonly bytes: number; readonly sha256: string }
}

export interface Manifest {
  readonly transactionTime: string
  readonly request: string
  readonly requiresAccessToken: boolean
  readonly output: readonly ManifestFile[]
  readonly deleted?: readonly ManifestFile[]
  readonly error: readonly Omit<ManifestFile, 'extension'>[]
  readonly extension?: { readonly counts: Readonly<Record<string, number>> }
}

export interface BulkServer {
  readonly server: FhirServer
  /** of the files */
  readonly folder: string
  /** what is in it, with the names of the folders of jobs */
  stored(): string[]
  startWorker(): void
  stopWorker(): Promise<void>
  /** Asks for it and gives the address of its status. */
  begin(path: string, init?: RequestInit): Promise<string>
  /** Asks as long as it is not done. */
  ended(status: string, init?: RequestInit): Promise<Answer>
  /** Begins, waits, gives the manifest. */
  manifest(path: string, init?: RequestInit): Promise<Manifest>
  stop(): Promise<void>
}

export const ASYNC = { Prefer: 'respond-async', Accept: 'application/fhir+json' }

export interface BulkServerOptions {
  readonly limits?: Partial<Limits>
  /** folder that imports may be read from */
  readonly imports?: string
  readonly validation?: ValidationPolicies
  /** beside those of R4 */
  readonly definitions?: readonly Resource[]
  /** who calls; anybody when not said */
  readonly callerOf?: AppOptions['callerOf']
  readonly audit?: FhirServerOptions['audit']
}

export function testWorker(
  store: Store,
  { folder, limits = {}, imports, validation, definitions = [] }: BulkServerOptions & { readonly folder: string },
): BulkWorker {
  const all = { ...defaultLimits, ...limits }
  const writeBack = { store, plan: planOf([], 'https://interop.example.org'), routing: {} }
  const { validator } = knowledgeOf(registryOf(baseDefinitions(), definitions))
  return new BulkWorker({
    ...{ store, limits: all, log: createLogger('silent') },
    files: folderFiles(folder),
    imports: imports === undefined ? undefined : folderFiles(imports),
    place: { redisUrl: redisUrl(), database: store.db.databaseName },
    exports: exportRules(store, all),
    importing: {
      operation: ({ permit }, text, type) =>
        importOperation({ validator, ...(validation && { validation }), request: permit }, text, type),
      writeBack: () => writeBack,
    },
  })
}

/** Files and queue of exports and imports, for a server that is about to start. */
export interface BulkPlace {
  readonly folder: string
  readonly of: (store: Store) => Bulk
  close(): Promise<void>
}

export function bulkPlace(imports?: string): BulkPlace {
  const folder = mkdtempSync(join(tmpdir(), 'isthmus-bulk-'))
  const closing: (() => Promise<void>)[] = []
  return {
    folder,
    of: (store) => {
      const queue = openJobQueue({ redisUrl: redisUrl(), database: store.db.databaseName }, 'bulk')
      closing.push(() => queue.close())
      return {
        ...{ store, requiresAccessToken: false, polls: new Polls() },
        files: folderFiles(folder),
        imports: imports === undefined ? undefined : folderFiles(imports),
        wake: (id) => void queue.add([queueName({ id, fence: 1 })]).catch(() => undefined),
      }
    },
    async close() {
      for (const close of closing) await close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export async function startBulkServer(options: BulkServerOptions = {}): Promise<BulkServer> {
  const { limits = {}, imports, callerOf, audit } = options
  const place = bulkPlace(imports)
  const { folder } = place
  const server = await startFhirServer({
    limits,
    ...(callerOf && { callerOf }),
    ...(audit && { audit }),
    bulk: place.of,
  })
  let worker: BulkWorker | undefined
  const stopWorker = async (): Promise<void> => {
    await worker?.stop()
    worker = undefined
  }
  const begin = async (path: string, init: RequestInit = {}): Promise<string> => {
    const answer = await server.get(path, { ...init, headers: { ...ASYNC, ...(init.headers as object) } })
    if (answer.status !== 202) throw new Error(`${answer.status} ${answer.text}`)
    return answer.headers.get('content-location') ?? ''
  }
  const ended = async (status: string, init?: RequestInit): Promise<Answer> => {
    for (;;) {
      const answer = await server.get(status, init)
      if (answer.status !== 202 && answer.status !== 429) return answer
      await sleep(answer.status === 429 ? 1_000 : 50)
    }
  }
  return {
    ...{ server, folder, begin, ended, stopWorker },
    stored: () => readdirSync(folder, { recursive: true, encoding: 'utf8' }),
    startWorker() {
      worker = testWorker(server.store, { ...options, folder })
      worker.start()
    },
    async manifest(path, init) {
      const { status, text } = await ended(await begin(path, init), init && { headers: init.headers ?? {} })
      if (status !== 200) throw new Error(`${status} ${text}`)
      return JSON.parse(text) as Manifest
    },
    async stop() {
      await stopWorker()
      await server.stop()
      await place.close()
    },
  }
}

export interface Line {
  readonly resourceType: string
  readonly id: string
  readonly meta?: { readonly tag?: readonly { readonly code: string }[] }
  readonly [element: string]: unknown
}

/** The lines of a file, which must be as many, as long and of the sum that the manifest says. */
export async function linesIn({ url, count, extension }: ManifestFile, init: RequestInit = {}): Promise<Line[]> {
  const headers = { Accept: 'application/fhir+ndjson', ...(init.headers as object) }
  const bytes = Buffer.from(await (await fetch(url, { headers })).arrayBuffer())
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  if (sha256 !== extension.sha256 || bytes.length !== extension.bytes) throw new Error('The checksum is wrong.')
  const lines = bytes.toString('utf8').split('\n')
  if (lines.pop() !== '' || lines.length !== count) throw new Error(`${lines.length} lines instead of ${count}.`)
  return lines.map((line) => JSON.parse(line) as Line)
}

/** `Type/id` of all that came out, sorted; each once. */
export async function namesIn(files: readonly ManifestFile[], init?: RequestInit): Promise<string[]> {
  const all = await Promise.all(files.map((file) => linesIn(file, init)))
  const names = all.flat().map(({ resourceType, id }) => `${resourceType}/${id}`)
  if (new Set(names).size !== names.length) throw new Error('A resource came out twice.')
  return names.sort()
}
