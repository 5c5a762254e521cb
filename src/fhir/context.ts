/** What every interaction is given: the request, who may see what, and where to read. */
import type { Permit } from '../access/permit.ts'
import type { Storage } from '../files/storages/storage.ts'
import type { FhirRequest } from '../http/answer.ts'
import { GatewayError } from '../kernel/errors.ts'
import type { Limits } from '../kernel/limits.ts'
import type { ValidationPolicies } from '../kernel/validation-policy.ts'
import type { WriteBack } from '../projection/write-back.ts'
import type { Registry } from '../r4/registry.ts'
import type { Validator } from '../r4/validation/validator.ts'
import type { Terminology } from '../r4/terminology/terminology.ts'
import type { Building, SearchState } from '../store/indexing.ts'
import type { ResourceReader } from '../store/resource-reader.ts'
import type { Bulk } from './bulk/bulk.ts'
import type { PageKey } from './page-token.ts'
import type { SubscriptionService } from './subscriptions/service.ts'

/** By instance of a source: none but these are asked for files that its rows name. */
export type Storages = ReadonlyMap<string, readonly Storage[]>

/** Canonicals of the profiles that mappings give, by type. */
export type Profiles = ReadonlyMap<string, readonly string[]>

export interface FhirContext {
  readonly request: FhirRequest
  readonly permit: Permit
  readonly reader: ResourceReader
  readonly writeBack: WriteBack
  /** who asks, as versions remember it */
  readonly by: string
  readonly pageKey: PageKey
  readonly profiles: Profiles
  /** what the gateway was started with: R4's definitions, packages, its own */
  readonly registry: Registry
  /** over the registry alone: what tenants stored is seen by src/fhir/terminology.ts */
  readonly terminology: Terminology
  readonly validator: Validator
  /** what becomes of writes that break rules; the usual when not said */
  readonly validation?: ValidationPolicies
  readonly limits: Limits
  /** requests carry tokens of the authorization server */
  readonly isAuthorized?: boolean
  /** types of files that are taken: `image/*` */
  readonly fileTypes: readonly string[]
  /** where files of sources may be fetched */
  readonly storages?: Storages
  readonly searchState: SearchState
  /** exports and imports; none where no files are kept */
  readonly bulk?: Bulk
  /** none where nobody is notified of anything */
  readonly subscriptions?: SubscriptionService
  /** what `searchState` says as the request begins */
  readonly building: Building
}

/** Parameters that every request may carry. */
export const GENERAL_PARAMETERS = new Set(['_format', '_pretty'])

export type Handling = 'strict' | 'lenient'

/** `Prefer: handling=lenient` ignores unknown parameters with a warning; the default refuses them. */
export function handlingOf(request: FhirRequest): Handling {
  return /(^|[\s,;])handling=lenient\b/.test(request.header('prefer') ?? '') ? 'lenient' : 'strict'
}

/** Throws 400 on a parameter that this interaction does not know, unless handling is lenient. */
export function assertKnownParameters(request: FhirRequest, known: ReadonlySet<string> = new Set()): void {
  if (request.query.length === 0 || handlingOf(request) === 'lenient') return
  const unknown = request.query.find(([name]) => !known.has(name) && !GENERAL_PARAMETERS.has(name))
  if (!unknown) return
  const names = [...known, ...GENERAL_PARAMETERS].join(', ')
  throw new GatewayError('GW_UNKNOWN_PARAMETER', `The parameter "${unknown[0]}" is not known here; known are ${names}.`)
}

/** The one value of a parameter that may stand once. */
export function singleParameter(request: FhirRequest, name: string): string | undefined {
  const values = request.query.filter(([each]) => each === name)
  if (values.length > 1) throw new GatewayError('GW_BAD_REQUEST', `The parameter "${name}" may be given once only.`)
  return values[0]?.[1]
}
