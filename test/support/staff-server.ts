/** The staff API over source systems, in databases of the test's own: every answer is checked against openapi.yaml. */
import { fileURLToPath } from 'node:url'
import type { Admission } from '../../src/http/admission.ts'
import type { OtherApi } from '../../src/http/app.ts'
import type { OtherParts } from './fhir-server.ts'
import { staffDesk } from '../../src/cli/staff-desk.ts'
import type { BrowserSession } from '../../src/staff/api/caller.ts'
import { ownSearchParameters } from '../../src/conformance/search-parameters.ts'
import { readWrittenDefinitions } from '../../src/conformance/written-definitions.ts'
import { useSearchParameters } from '../../src/r4/search-parameters.ts'
import { staffApi } from '../../src/staff/api/api.ts'
import { readContract } from '../../src/staff/api/contract.ts'
import type { Spool } from '../../src/audit/spool.ts'
import { addAudit } from '../../src/store/audit.ts'
import type { Store } from '../../src/store/collections.ts'
import type { Tokens } from './callers.ts'
import { callersOf } from './callers.ts'
import type { SourceServer, SourceServerOptions } from './source-server.ts'
import { startSourceServer } from './source-server.ts'

const BASE = 'https://interop.example.org'
const contract = await readContract(fileURLToPath(new URL('../../openapi.yaml', import.meta.url)), '/api')

export interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly json: Json
}

/** Tests look into it as they know it. */
export interface Json {
  readonly [member: string]: Json & string & number & readonly Json[]
}

export interface StaffServer extends SourceServer {
  /** `GET /api/…`; a token is a name of `tokens`, or a scope */
  api(method: string, path: string, body?: object, headers?: Readonly<Record<string, string>>): Promise<Reply>
}

export interface StaffServerOptions extends Omit<SourceServerOptions, 'edges'> {
  /** what is refused before it is looked at; nothing when not said */
  readonly admission?: Admission
  readonly tokens?: Tokens
  /** the browser session of a request without a token; none when not said */
  readonly session?: BrowserSession
}

export async function startStaffServer({
  tokens = {},
  session,
  admission,
  ...options
}: StaffServerOptions): Promise<StaffServer> {
  useSearchParameters(ownSearchParameters(readWrittenDefinitions('profiles', BASE)))
  const callerOf = callersOf(tokens)
  const beside = (parts: OtherParts): OtherApi[] => [
    staffApi({
      ...parts,
      desk: staffDesk(parts.store),
      contract,
      base: BASE,
      timeZoneOf: () => options.timeZone ?? 'UTC',
      callerOf: (request) => callerOf(request, { tenant: 'default', path: '', url: request.url }),
      addressOf: () => '127.0.0.1',
      ...(admission && { admission: () => admission }),
      ...(session && { sessionOf: () => Promise.resolve(session) }),
    }),
  ]
  const audit = (store: Store): Pick<Spool, 'put'> => ({ put: (events) => addAudit(store, events) })
  const edges = { callerOf, beside, audit, ...(admission && { admission: () => admission }) }
  const server = await startSourceServer({ ...options, edges })
  return Object.assign(server, { api: caller(server.origin) })
}

function caller(origin: string): StaffServer['api'] {
  return async (method, path, body, headers = {}) => {
    const type = body === undefined ? {} : { 'Content-Type': 'application/json' }
    const init = { method, headers: { ...type, ...headers }, ...(body && { body: JSON.stringify(body) }) }
    const response = await fetch(`${origin}/api${path}`, init)
    const text = await response.text()
    return { status: response.status, headers: response.headers, json: JSON.parse(text === '' ? '{}' : text) as Json }
  }
}
