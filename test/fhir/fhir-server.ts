/** The FHIR API over real HTTP and a real MongoDB with a database of its own; resources are put there as projection would. */
import { randomBytes } from 'node:crypto'
import type { MongoClient } from 'mongodb'
import { fhirHandler } from '../../src/fhir/router.ts'
import { createApp } from '../../src/http/app.ts'
import { listen } from '../../src/http/server.ts'
import { createLogger } from '../../src/kernel/logger.ts'
import { searchKeys } from '../../src/r4/search-keys.ts'
import { openStore, type Store } from '../../src/store/collections.ts'
import { connect } from '../../src/store/connection.ts'
import type { VersionDocument } from '../../src/store/documents.ts'
import { resourceReader } from '../../src/store/resource-reader.ts'
import { prepareSchema } from '../../src/store/schema.ts'
import { servedTenants } from '../../src/store/served-tenants.ts'
import { mongodbUri, uniqueName } from '../support/services.ts'

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

interface Bundle {
  readonly resourceType: string
  readonly total?: number
  readonly link?: readonly { readonly relation: string; readonly url: string }[]
  readonly entry?: readonly {
    readonly fullUrl?: string
    readonly resource?: Sample
    readonly search?: { readonly mode: string }
    readonly request?: { readonly method: string; readonly url: string }
    readonly response?: { readonly status: string; readonly etag: string }
  }[]
  readonly issue?: readonly { readonly severity: string; readonly code: string; readonly diagnostics: string }[]
}

export interface FhirServer {
  readonly origin: string
  readonly store: Store
  /** Stores the next version of a resource, or its deletion; gives the text that is served. */
  put(sample: Sample, options?: { tenant?: string; at?: string; deleted?: boolean }): Promise<string>
  /** `path` under /fhir/R4, or absolute. */
  get(path: string, init?: RequestInit): Promise<Answer>
  /** The ids of the matches of a search. */
  ids(search: string): Promise<string[]>
  stop(): Promise<void>
}

export async function startFhirServer(): Promise<FhirServer> {
  const client: MongoClient = await connect(mongodbUri())
  const store = openStore(client, uniqueName('fhir'))
  await prepareSchema(store)
  let origin = ''
  const app = createApp({
    fhir: fhirHandler(resourceReader(store), randomBytes(32)),
    origin: () => origin,
    hasTenant: servedTenants(store, ['default']),
    ready: () => Promise.resolve({ ready: true }),
    log: createLogger('silent'),
  })
  const server = await listen(app, '127.0.0.1', 0)
  origin = `http://127.0.0.1:${server.port}`

  async function get(path: string, init: RequestInit = {}): Promise<Answer> {
    const url = path.startsWith('http') ? path : path.startsWith('/') ? origin + path : `${origin}/fhir/R4/${path}`
    const response = await fetch(url, init)
    const text = await response.text()
    const json = (text.startsWith('{') ? JSON.parse(text) : {}) as Bundle
    return { status: response.status, headers: response.headers, text, json }
  }

  return {
    origin,
    store,
    get,
    put: (sample, options) => put(store, sample, options),
    async ids(search) {
      const { status, json, text } = await get(search)
      if (status !== 200) throw new Error(`${status} ${text}`)
      return (json.entry ?? []).map(({ resource }) => resource?.id ?? '')
    },
    async stop() {
      await server.close()
      await store.db.dropDatabase()
      await client.close()
    },
  }
}

async function put(
  { resources, versions }: Store,
  sample: Sample,
  { tenant = 'default', at = new Date().toISOString(), deleted = false } = {},
): Promise<string> {
  const { resourceType, id } = sample
  const _id = `${tenant}/${resourceType}/${id}`
  const v = ((await resources.findOne({ _id }))?.v ?? 0) + 1
  const resource = { ...sample, meta: { ...(sample['meta'] as object), versionId: String(v), lastUpdated: at } }
  const body = deleted ? '' : JSON.stringify(resource)
  const common = { t: tenant, tt: `${tenant}/${resourceType}`, v, u: new Date(at), body }
  const method: VersionDocument['method'] = deleted ? 'DELETE' : v === 1 ? 'POST' : 'PUT'
  const keys = deleted ? { k: [], d: [], n: [], o: {} } : searchKeys(resource)
  await resources.replaceOne({ _id }, { ...common, ...keys, deleted, hash: '' }, { upsert: true })
  await versions.insertOne({ _id: `${_id}/${String(v).padStart(10, '0')}`, ...common, method })
  return body
}
