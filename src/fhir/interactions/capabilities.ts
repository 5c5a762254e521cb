/** capabilities: the CapabilityStatement, made of what is registered (https://hl7.org/fhir/R4/http.html#capabilities). */
import type { Answer } from '../../http/answer.ts'
import { FHIR_JSON } from '../../http/outcome.ts'
import type { Limits } from '../../kernel/limits.ts'
import { release } from '../../kernel/release.ts'
import { compartments } from '../../r4/compartments.ts'
import type { Compartment } from '../../r4/compartments.ts'
import { resourceTypes } from '../../r4/elements.ts'
import { searchParametersOf } from '../../r4/search-parameters.ts'
import type { SearchParameter } from '../../r4/search-parameters.ts'
import { assertKnownParameters } from '../context.ts'
import type { FhirContext, Profiles } from '../context.ts'
import { instanceOperations } from '../operations/index.ts'
import { parametersOf } from '../search/parameters.ts'
import { referencesOf, referrersOf } from '../search/reference-parameters.ts'
import { isSearchable } from '../search/searchable.ts'

const PARAMETERS = new Set(['mode'])
const started = new Date().toISOString()
const byBase = new Map<string, string>()

export async function capabilities({ request, writeBack, profiles, limits }: FhirContext): Promise<Answer> {
  assertKnownParameters(request, PARAMETERS)
  let body = byBase.get(request.base)
  if (body === undefined)
    byBase.set(request.base, (body = JSON.stringify(statement(request.base, writeBack.plan.base, profiles, limits))))
  return Promise.resolve({ status: 200, headers: { 'Content-Type': FHIR_JSON }, body, interaction: 'capabilities' })
}

function statement(base: string, canonicalBase: string, profiles: Profiles, limits: Limits): object {
  const operation = [...instanceOperations.values()].map(({ code, definition }) => ({
    name: code,
    definition: `${canonicalBase}/OperationDefinition/${definition}`,
  }))
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: started,
    kind: 'instance',
    software: { name: 'Isthmus', version: release },
    implementation: { description: 'FHIR R4 gateway over the clinic’s own databases', url: base },
    fhirVersion: '4.0.1',
    format: ['application/fhir+json', 'json'],
    patchFormat: ['application/json-patch+json', 'application/fhir+json'],
    ...(profiles.size > 0 && { implementationGuide: [`${canonicalBase}/ImplementationGuide/isthmus`] }),
    rest: [
      {
        mode: 'server',
        resource: resourceTypes.map((type) => ({ ...resource(type, profiles.get(type), limits), operation })),
        interaction: ['batch', 'transaction', 'history-system', 'search-system'].map((code) => ({ code })),
        searchParam: searchParams([...parametersOf(resourceTypes).values()]),
        compartment: compartments.map(compartmentUrl),
      },
    ],
  }
}

const reading = ['read', 'vread', 'history-instance', 'history-type', 'search-type']
const writing = ['create', 'update', 'patch', 'delete']

function resource(type: string, supportedProfile: readonly string[] | undefined, limits: Limits): object {
  return {
    type,
    ...(supportedProfile && { supportedProfile }),
    interaction: [...reading, ...writing].map((code) => ({ code })),
    versioning: 'versioned',
    readHistory: true,
    updateCreate: true,
    conditionalCreate: true,
    conditionalRead: 'full-support',
    conditionalUpdate: true,
    conditionalDelete: limits.conditionalDeletes > 1 ? 'multiple' : 'single',
    searchInclude: ['*', ...referencesOf(type).map(({ code }) => `${type}:${code}`)],
    searchRevInclude: ['*', ...referrersOf(type).map((each) => `${each.type}:${each.code}`)],
    searchParam: searchParams([...searchParametersOf(type).values()]),
  }
}

function searchParams(parameters: readonly SearchParameter[]): object[] {
  return parameters.filter(isSearchable).map(({ code, url, type }) => ({ name: code, definition: url, type }))
}

/** `relatedPerson`, as HL7 spells it. */
function compartmentUrl(type: Compartment): string {
  return `http://hl7.org/fhir/CompartmentDefinition/${type.charAt(0).toLowerCase()}${type.slice(1)}`
}
