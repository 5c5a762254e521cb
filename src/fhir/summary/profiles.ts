/**
 * Which profiles of IPS a part of a summary conforms to. Where the package is loaded the validator says so; else a few are
 * told by what they require, and no other is claimed. Nothing is claimed of what refers to a part that does not conform.
 */
import type { Observation, Resource } from '@medplum/fhirtypes'
import { isError } from '../../r4/validation/finding.ts'
import type { FhirContext } from '../context.ts'
import { has } from './sections.ts'

export const IPS = 'http://hl7.org/fhir/uv/ips/StructureDefinition'

type Elements = Readonly<Record<string, unknown>>

/** What the profile requires beyond R4, by names of elements; `effective` stands for `effective[x]`. */
const required: Readonly<Record<string, readonly string[]>> = {
  AllergyIntolerance: [],
  Condition: ['clinicalStatus', 'code'],
  DiagnosticReport: ['category', 'code', 'subject', 'effective'],
  Immunization: [],
  MedicationRequest: [],
  MedicationStatement: ['effective'],
  'Observation-results': ['subject', 'effective'],
  Organization: ['name'],
  Patient: ['name', 'birthDate'],
  Practitioner: ['name'],
  Procedure: ['code', 'performed'],
}

/** Types that IPS has other profiles for: these are claimed only where the package is loaded. */
const validated = ['Device', 'DeviceUseStatement', 'ImagingStudy', 'Medication', 'PractitionerRole', 'Specimen']

export interface Part {
  /** by which others refer to it: `Patient/1`, or its full URL */
  readonly name: string
  readonly resource: Resource
  /** the parts that it refers to, by name */
  readonly refersTo: readonly string[]
}

/** Canonicals by the name of the part; none: it conforms to no profile of IPS. */
export function conformance(context: FhirContext, parts: readonly Part[]): ReadonlyMap<string, readonly string[]> {
  const claims = new Map(parts.map((part) => [part.name, ownProfiles(context, part.resource)]))
  const profiled = new Set(parts.filter(({ resource }) => candidates(resource).length > 0).map(({ name }) => name))
  const isLacking = (name: string): boolean => profiled.has(name) && claims.get(name)?.length === 0
  let changes = true
  while (changes) {
    const losing = parts.filter(({ name, refersTo }) => claims.get(name)?.length !== 0 && refersTo.some(isLacking))
    for (const { name } of losing) claims.set(name, [])
    changes = losing.length > 0
  }
  return claims
}

function ownProfiles({ registry, validator }: FhirContext, resource: Resource): string[] {
  return candidates(resource)
    .filter((name) => {
      const canonical = `${IPS}/${name}-uv-ips`
      return registry.find('StructureDefinition', canonical)
        ? !validator.profiles(resource, [canonical]).some(isError)
        : seemsToConform(resource, name)
    })
    .map((name) => `${IPS}/${name}-uv-ips`)
}

function candidates(resource: Resource): string[] {
  const { resourceType: type } = resource
  if (type === 'Observation') return observationProfiles(resource)
  return type in required || validated.includes(type) ? [type] : []
}

function observationProfiles({ code, category = [] }: Observation): string[] {
  if (has(code, '72166-2')) return ['Observation-tobaccouse']
  if (has(code, '74013-4')) return ['Observation-alcoholuse']
  if (has(code, '82810-3')) return ['Observation-pregnancy-status']
  const is = (kind: string): boolean => category.some((each) => has(each, kind))
  if (is('laboratory')) return ['Observation-results-laboratory', 'Observation-results']
  return is('imaging') ? ['Observation-results'] : []
}

function seemsToConform(resource: Resource, name: string): boolean {
  const elements = required[name]
  if (!elements) return false
  const keys = Object.keys(resource).map((key) => key.replace(/^_/, ''))
  const isThere = (element: string): boolean => keys.some((key) => key === element || isChoice(key, element))
  const { status, category, name: names } = resource as unknown as Elements
  if (name === 'Patient' && !(names as object[] | undefined)?.every(isNamed)) return false
  const isFinal = status === 'final' || !(name === 'DiagnosticReport' || name === 'Observation-results')
  const isOne = name !== 'DiagnosticReport' || (category as unknown[] | undefined)?.length === 1
  return isFinal && isOne && elements.every(isThere)
}

/** ips-pat-1 */
function isNamed(name: object): boolean {
  return ['family', 'given', 'text', '_text'].some((element) => element in name)
}

function isChoice(key: string, element: string): boolean {
  return key.startsWith(element) && /^[A-Z]/.test(key.slice(element.length))
}
