/** The FHIR API over real HTTP and a real MongoDB with a database of its own; resources are put there as projection would. */
import { createSecretKey, hash, randomBytes } from 'node:crypto'
import { Writable } from 'node:stream'
import type { Spool } from '../../src/audit/spool.ts'
import { anybodyIn } from '../../src/access/caller.ts'
import { audited } from '../../src/fhir/audited.ts'
import type { AuditedParts } from '../../src/fhir/audited.ts'
import type { Bulk } from '../../src/fhir/bulk/bulk.ts'
import type { Storages } from '../../src/fhir/context.ts'
import { fhirHandler } from '../../src/fhir/router.ts'
import type { PageKey } from '../../src/fhir/page-token.ts'
import type { SubscriptionService } from '../../src/fhir/subscriptions/service.ts'
import type { FhirHandler } from '../../src/http/answer.ts'
import type { Admission } from '../../src/http/admission.ts'
import type { AppOptions, OtherApi, Smart } from '../../src/http/app.ts'
import { createApp } from '../../src/http/app.ts'
import { listen } from '../../src/http/server.ts'
import type { Upgrades } from '../../src/http/server.ts'
import { defaultLimits } from '../../src/kernel/limits.ts'
import type { Limits } from '../../src/kernel/limits.ts'
import { createLogger } from '../../src/kernel/logger.ts'
import type { Logger } from '../../src/kernel/logger.ts'
import { usualPolicies } from '../../src/kernel/validation-policy.ts'
import type { ValidationPolicies } from '../../src/kernel/validation-policy.ts'
import type { Layer } from '../../src/r4/registry.ts'
import { registryOf } from '../../src/r4/registry.ts'
import { searchKeys } from '../../src/r4/search-keys.ts'
import { baseDefinitions } from '../../src/r4/base-layer.ts'
import type { Routing } from '../../src/mapping/routing.ts'
import type { Plan } from '../../src/projection/plan.ts'
import { planOf } from '../../src/projection/plan.ts'
import type { WriteBack } from '../../src/projection/write-back.ts'
import type { Store } from '../../src/store/collections.ts'
import type { ResourceDocument, VersionDocument } from '../../src/store/documents.ts'
import { searchState } from '../../src/store/indexing.ts'
import { resourceReader } from '../../src/store/resource-reader.ts'
import { servedTenants } from '../../src/store/served-tenants.ts'
import { closeStore, openTestStore } from './databases.ts'
import { testSeals } from './seals.ts'

export interface Sample {
  readonly resourceType: string
  readonly id: string
  readonly [element: string]: unknown
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** parsed, when it is JSON */
  readonly json: Bundle
}

export interface Bundle {
  readonly resourceType: string
  readonly total?: number
  readonly link?: readonly { readonly relation: string; readonly url: string }[]
  readonly entry?: readonly {
    readonly fullUrl?: string
    readonly resource?: Sample
    readonly search?: { readonly mode: string }
    readonly request?: { readonly method: string; readonly url: string }
    readonly response?: {
      readonly status: string
      readonly etag: string
      readonly location?: string
      readonly lastModified?: string
    }
  }[]
  readonly issue?: readonly {
    readonly severity: string
    readonly code: string
    readonly diagnostics: string
    readonly expression?: readonly string[]
  }[]
}

export interface FhirServer {
  readonly origin: string
  readonly store: Store
  /** what page tokens are sealed with */
  readonly pageKey: PageKey
  readonly fhir: FhirHandler
  /** what it writes through */
  readonly writeBack: WriteBack
  readonly logger: Logger
  /** what was logged */
  readonly log: string[]
  /** what `/health/ready` says */
  ready: boolean
  /** Stores the next version of a resource, or its deletion; gives the text that is served. */
  put(sample: Sample, options?: PutOptions): Promise<string>
  /** `path` under /fhir/R4, or absolute. */
  get(path: string, init?: RequestInit): Promise<Answer>
  /** Sends a body: a text as it is, anything else as JSON. A patch is sent as JSON Patch. */
  send(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>
  /** How many versions of the resource there are, and by which methods. */
  methods(reference: string): Promise<string[]>
  /** The ids of the matches of a search. */
  ids(search: string): Promise<string[]>
  /** The page of a search or history at `path`, and all that follow it. */
  pages(path: string): Promise<Bundle[]>
  stop(): Promise<void>
}

/** What the CapabilityStatement says of Patient. */
export const PATIENT_PROFILE = 'https://interop.example.org/StructureDefinition/hms-patient'

export interface PutOptions {
  readonly tenant?: string
  readonly at?: string
  readonly deleted?: boolean
}

export interface FhirServerOptions {
  /** which source rows are mapped; none when not said */
  readonly plan?: Plan
  readonly routing?: Routing
  /** other than the defaults */
  readonly limits?: Partial<Limits>
  readonly fileTypes?: readonly string[]
  /** where files of sources may be fetched; nowhere when not said */
  readonly storages?: Storages
  /** what the gateway is started with, beside R4's own */
  readonly definitions?: Layer
  /** exports and imports; none when not said */
  readonly bulk?: (store: Store) => Bulk
  readonly validation?: ValidationPolicies
  /** who is notified; nobody when not said */
  readonly subscriptions?: SubscriptionService
  /** connections that leave HTTP; none when not said */
  readonly upgrades?: (store: Store, log: Logger) => Upgrades
  /** who calls; anybody when not said */
  readonly callerOf?: AppOptions['callerOf']
  /** the authorization server; none when not said */
  readonly smart?: Promise<Smart>
  /** where what is asked goes on record; nowhere when not said */
  readonly audit?: (store: Store, log: Logger) => Pick<Spool, 'put'>
  /** what is refused before it is looked at; nothing when not said */
  readonly admission?: () => Admission | undefined
  /** APIs beside FHIR; none when not said */
  readonly beside?: (given: OtherParts) => OtherApi[]
}

/** What they are made with. */
export interface OtherParts {
  readonly fhir: FhirHandler
  readonly store: Store
  readonly origin: () => string
  readonly writeBack: () => WriteBack
  readonly log: Logger
  readonly limits: Limits
  readonly spool: Pick<Spool, 'put'>
}

const nowhere = { put: () => Promise.resolve() }
const noPlan = planOf([], 'https://interop.example.org')

/** What is not said otherwise. */
const usual = {
  plan: noPlan,
  routing: {},
  fileTypes: ['*/*'],
  storages: new Map<string, never>(),
  definitions: [],
  validation: usualPolicies,
  callerOf: (_request, { tenant }) => Promise.resolve(anybodyIn(tenant)),
  beside: () => [],
} satisfies FhirServerOptions

export async function startFhirServer(options: FhirServerOptions = {}): Promise<FhirServer> {
  const { plan, routing, fileTypes, storages, definitions, validation, callerOf, beside, ...more } = {
    ...usual,
    ...options,
  }
  const { bulk, smart, audit, admission, subscriptions, upgrades } = more
  const limits = { ...defaultLimits, ...more.limits }
  const store = await openTestStore(testSeals(), bulk === undefined)
  const log: string[] = []
  const pageKey = createSecretKey(randomBytes(32))
  const state = { ready: true }
  let origin = ''
  const logger = createLogger('info', lines(log))
  const writeBack = { store, plan, routing }
  const handler = fhirHandler({
    reader: resourceReader(store),
    searchState: searchState(store),
    writeBack,
    pageKey,
    profiles: new Map([['Patient', [PATIENT_PROFILE]]]),
    registry: registryOf(baseDefinitions(), definitions),
    validation,
    limits,
    isAuthorized: smart !== undefined,
    fileTypes,
    storages,
    ...(bulk && { bulk: bulk(store) }),
    ...(subscriptions && { subscriptions }),
  })
  const spool = audit?.(store, logger)
  const fhir = onRecord(handler, spool, { log: logger, sealed: () => plan.sealed })
  const own = { fhir, store, limits, log: logger, origin: () => origin, writeBack: () => writeBack }
  const app = createApp({
    fhir,
    limits,
    callerOf,
    ...(smart && { smart }),
    origin: () => origin,
    hasTenant: servedTenants(store, ['default']),
    ready: () => Promise.resolve({ ready: state.ready }),
    log: logger,
    admission: () => admission?.(),
    others: beside({ ...own, spool: spool ?? nowhere }),
  })
  const server = await listen(app, '127.0.0.1', 0, limits, upgrades && { upgrades: upgrades(store, logger) })
  origin = `http://127.0.0.1:${server.port}`
  const get = (path: string, init?: RequestInit): Promise<Answer> => ask(addressOf(origin, path), init)

  return Object.assign(state, {
    origin,
    store,
    pageKey,
    log,
    logger,
    fhir,
    writeBack,
    get,
    send: (method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>) =>
      get(path, requestOf(method, body, headers)),
    async methods(reference: string) {
      const _id = { $gte: `default/${reference}/`, $lt: `default/${reference}/~` }
      const found = await store.versions.find({ _id }).sort({ _id: 1 }).toArray()
      return found.map(({ method }) => method)
    },
    put: (sample: Sample, options?: PutOptions) => put(store, sample, options),
    async ids(search: string) {
      const { status, json, text } = await get(search)
      if (status !== 200) throw new Error(`${status} ${text}`)
      return idsOf(json)
    },
    pages: (path: string) => pages(get, path),
    async stop() {
      await server.close()
      await closeStore(store)
    },
  })
}

function onRecord(
  handler: FhirHandler,
  spool: Pick<Spool, 'put'> | undefined,
  parts: Omit<AuditedParts, 'spool'>,
): FhirHandler {
  return spool ? audited(handler, { ...parts, spool }) : handler
}

function addressOf(origin: string, path: string): string {
  if (path.startsWith('http')) return path
  return path.startsWith('/') ? origin + path : `${origin}/fhir/R4/${path}`
}

function requestOf(method: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): RequestInit {
  if (body === undefined) return { method, headers }
  const type = method === 'PATCH' ? 'application/json-patch+json' : 'application/fhir+json'
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return { method, headers: { 'Content-Type': type, ...headers }, body: text }
}

async function ask(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, init)
  const text = await response.text()
  const json = (text.startsWith('{') ? JSON.parse(text) : {}) as Bundle
  return { status: response.status, headers: response.headers, text, json }
}

async function pages(get: FhirServer['get'], path: string): Promise<Bundle[]> {
  const found: Bundle[] = []
  let next: string | undefined = path
  while (next !== undefined && found.length < 200) {
    const { status, json, text } = await get(next)
    if (status !== 200) throw new Error(`${status} ${text}`)
    found.push(json)
    next = json.link?.find(({ relation }) => relation === 'next')?.url
  }
  return found
}

/** The ids of the resources of a page. */
export function idsOf({ entry = [] }: Bundle): string[] {
  return entry.map(({ resource }) => resource?.id ?? '')
}

export function lines(to: string[]): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      to.push(chunk.toString())
      done()
    },
  })
}

/** Both at one moment: a search that reads meanwhile sees neither or both. */
async function put(store: Store, sample: Sample, options: PutOptions = {}): Promise<string> {
  const { client, resources, versions } = store
  const _id = `${options.tenant ?? 'default'}/${sample.resourceType}/${sample.id}`
  return client.withSession((session) =>
    session.withTransaction(async () => {
      const before = await resources.findOne({ _id }, { session })
      const { document, version } = documentsOf(sample, options, (before?.v ?? 0) + 1)
      await resources.replaceOne({ _id }, document, { upsert: true, session })
      await versions.insertOne(version, { session })
      return document.body
    }),
  )
}

/** What is stored of a version of a resource: what src/projection/changes.ts writes. */
export function documentsOf(
  sample: Sample,
  { tenant = 'default', at = new Date().toISOString(), deleted = false }: PutOptions = {},
  v = 1,
): { document: ResourceDocument; version: VersionDocument } {
  const { resourceType, id, ...elements } = sample
  const meta = { versionId: String(v), lastUpdated: at, ...(sample['meta'] as object | undefined) }
  const body = deleted ? '' : JSON.stringify({ resourceType, id, ...elements, meta })
  const keys = deleted ? { k: [], d: [], n: [], o: {} } : searchKeys(sample)
  const contentHash = deleted ? '' : hash('sha256', JSON.stringify(sample), 'base64').slice(0, 22)
  const _id = `${tenant}/${resourceType}/${id}`
  const common = { t: tenant, tt: `${tenant}/${resourceType}`, v, u: new Date(at), body }
  return {
    document: { _id, ...common, deleted, hash: contentHash, ...keys },
    version: {
      _id: `${_id}/${String(v).padStart(10, '0')}`,
      ...common,
      method: deleted ? 'DELETE' : v === 1 ? 'POST' : 'PUT',
    },
  }
}
