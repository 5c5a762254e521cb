/**
 * The CapabilityStatement, made of what searches and routes are made of: the registry of search parameters with the
 * modifiers and prefixes each takes, references, compartments, operations, limits.
 */
import { OAUTH } from '../http/oauth.ts'
import { release } from '../kernel/release.ts'
import type { Limits } from '../kernel/limits.ts'
import { compartments } from '../r4/compartments.ts'
import type { Compartment } from '../r4/compartments.ts'
import { resourceTypes } from '../r4/elements.ts'
import { searchParametersOf } from '../r4/search-parameters.ts'
import type { SearchParameter } from '../r4/search-parameters.ts'
import type { Profiles } from './context.ts'
import { isAt, operations } from './operations/index.ts'
import type { Operation } from './operations/operation.ts'
import { PATCH_FORMATS } from './patch-body.ts'
import { CONTROLS } from './search/criterion.ts'
import { parametersOf } from './search/parameters.ts'
import { PREFIXES } from './search/prefix.ts'
import { referencesOf, referrersOf } from './search/reference-parameters.ts'
import { isSearchable } from './search/searchable.ts'
import { modifiersOf } from './search/types/index.ts'
import { BACKPORT } from './subscriptions/canonicals.ts'

export interface StatementOptions {
  /** of the tenant, where it is served */
  readonly base: string
  readonly canonicalBase: string
  readonly profiles: Profiles
  readonly limits: Limits
  /** types of which source rows hold some: nobody makes an id of them */
  readonly mapped: ReadonlySet<string>
  /** requests carry tokens of the authorization server */
  readonly isAuthorized: boolean
  /** canonicals of what can be subscribed to; none where nobody is notified */
  readonly topics?: readonly string[]
}

/** How servers say that they export in bulk (https://hl7.org/fhir/uv/bulkdata/STU2/index.html#conformance). */
const BULK_DATA = 'http://hl7.org/fhir/uv/bulkdata/CapabilityStatement/bulk-data'
const started = new Date().toISOString()
const reading = ['read', 'vread', 'history-instance', 'history-type', 'search-type']
const writing = ['create', 'update', 'patch', 'delete']
const whole = ['batch', 'transaction', 'history-system', 'search-system']

export function capabilityStatement(options: StatementOptions): object {
  const { base, canonicalBase, profiles } = options
  return {
    resourceType: 'CapabilityStatement',
    url: `${base}/metadata`,
    version: release,
    name: 'Isthmus',
    title: 'What this Isthmus gateway does',
    status: 'active',
    date: started,
    kind: 'instance',
    instantiates: [BULK_DATA, ...(options.topics ? [BACKPORT.server] : [])],
    software: { name: 'Isthmus', version: release },
    implementation: { description: 'FHIR R4 gateway over the clinic’s own databases', url: base },
    fhirVersion: '4.0.1',
    format: ['application/fhir+json', 'application/json', 'json'],
    patchFormat: PATCH_FORMATS,
    ...(profiles.size > 0 && { implementationGuide: [`${canonicalBase}/ImplementationGuide/isthmus`] }),
    rest: [
      {
        mode: 'server',
        documentation: restDocumentation(),
        ...(options.isAuthorized && { security: security(new URL(base).origin) }),
        resource: resourceTypes.map((type) => resource(type, options)),
        interaction: codes(whole),
        searchParam: searchParams([...parametersOf(resourceTypes).values()], resourceTypes[0] as string),
        compartment: compartments.map(compartmentUrl),
        operation: operations.filter((each) => isAt(each, 'system')).map((each) => namedOperation(each, canonicalBase)),
      },
    ],
  }
}

/** As apps before SMART App Launch 2 look for it too (https://hl7.org/fhir/smart-app-launch/STU1/conformance/). */
function security(origin: string): object {
  const addresses = { authorize: OAUTH.authorize, token: OAUTH.token, register: OAUTH.register, manage: OAUTH.apps }
  const others = { introspect: OAUTH.introspect, revoke: OAUTH.revoke }
  return {
    extension: [
      {
        url: 'http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris',
        extension: Object.entries({ ...addresses, ...others }).map(([url, path]) => ({ url, valueUri: origin + path })),
      },
    ],
    cors: true,
    service: [
      {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/restful-security-service', code: 'SMART-on-FHIR' }],
        text: 'OAuth 2.0 with SMART App Launch 2.2',
      },
    ],
  }
}

/** What a CapabilityStatement of R4 has no element for. */
function restDocumentation(): string {
  const controls = [...CONTROLS].filter((name) => name !== '_page').sort()
  return [
    'What is not known is refused (400), unless the request says Prefer: handling=lenient.',
    `How an answer is wanted: ${controls.join(', ')}, _include and _revinclude (with :iterate). What is pointed at and what points here: chains of any depth, and _has. Any of it with and, or, not and brackets: _filter.`,
    'A parameter that is still being built is refused (503, transient) until every resource has its keys.',
  ].join(' ')
}

function resource(type: string, { profiles, canonicalBase, limits, mapped, topics }: StatementOptions): object {
  const isSubscription = type === 'Subscription' && topics !== undefined
  const supportedProfile = isSubscription ? [BACKPORT.subscription] : profiles.get(type)
  return {
    ...(isSubscription && { extension: topics.map((valueCanonical) => ({ url: BACKPORT.topics, valueCanonical })) }),
    type,
    ...(supportedProfile && { supportedProfile }),
    ...(mapped.has(type) && { documentation: MAPPED }),
    interaction: codes([...reading, ...writing]),
    versioning: 'versioned',
    readHistory: true,
    updateCreate: !mapped.has(type),
    conditionalCreate: true,
    conditionalRead: 'full-support',
    conditionalUpdate: true,
    conditionalDelete: limits.conditionalDeletes > 1 ? 'multiple' : 'single',
    searchInclude: ['*', ...referencesOf(type).map(({ code }) => `${type}:${code}`)],
    searchRevInclude: ['*', ...referrersOf(type).map((each) => `${each.type}:${each.code}`)],
    searchParam: searchParams([...searchParametersOf(type).values()], type),
    operation: operations
      .filter((each) => isAt(each, 'type', type) || isAt(each, 'instance', type))
      .map((each) => namedOperation(each, canonicalBase)),
  }
}

function namedOperation({ code, definition }: Operation, canonicalBase: string): object {
  const isOurs = !definition.includes(':')
  return { name: code, definition: isOurs ? `${canonicalBase}/OperationDefinition/${definition}` : definition }
}

const MAPPED =
  'Rows of a source hold some of these: a write is refused (422) where the row has no place for what is sent, and (405) where the source decides alone.'

function codes(names: readonly string[]): { code: string }[] {
  return names.map((code) => ({ code }))
}

function searchParams(parameters: readonly SearchParameter[], resourceType: string): object[] {
  return parameters.filter(isSearchable).map((parameter) => ({
    name: parameter.code,
    definition: parameter.url,
    type: parameter.type,
    documentation: takes(parameter, resourceType),
  }))
}

/** R4 has an element for modifiers and prefixes in the SearchParameter only, which is HL7's own. */
export function takes(parameter: SearchParameter, resourceType: string): string {
  const targets = new Set(parameter.target)
  const modifiers = modifiersOf(parameter, resourceType)
  const named = modifiers.filter((name) => !targets.has(name)).map((name) => `:${name}`)
  if (modifiers.length > named.length) named.push(':[type]')
  const prefixes = prefixesOf(parameter)
  return [`Modifiers: ${named.join(' ')}`, ...(prefixes.length > 0 ? [`Prefixes: ${prefixes.join(' ')}`] : [])].join(
    '. ',
  )
}

export function prefixesOf({ type }: SearchParameter): readonly string[] {
  return type === 'date' || type === 'number' || type === 'quantity' ? PREFIXES : []
}

/** `relatedPerson`, as HL7 spells it. */
function compartmentUrl(type: Compartment): string {
  return `http://hl7.org/fhir/CompartmentDefinition/${type.charAt(0).toLowerCase()}${type.slice(1)}`
}
