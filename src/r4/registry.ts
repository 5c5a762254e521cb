/**
 * Definitions by their canonical: what validation and terminology look up
 * (R4 references.html#canonical, `url` or `url|version`).
 */
import type {
  CodeSystem,
  ConceptMap,
  NamingSystem,
  OperationDefinition,
  Questionnaire,
  Resource,
  SearchParameter,
  StructureDefinition,
  ValueSet,
} from '@medplum/fhirtypes'

interface Definitions {
  CodeSystem: CodeSystem
  ConceptMap: ConceptMap
  NamingSystem: NamingSystem
  OperationDefinition: OperationDefinition
  Questionnaire: Questionnaire
  SearchParameter: SearchParameter
  StructureDefinition: StructureDefinition
  ValueSet: ValueSet
}

export type DefinitionType = keyof Definitions

export interface Registry {
  /** By `url` or `url|version`; without a version the newest of the last layer that has it. */
  find<Type extends DefinitionType>(type: Type, canonical: string): Definitions[Type] | undefined
  /** Of everything loaded, in the order of the layers. */
  all<Type extends DefinitionType>(type: Type): readonly Definitions[Type][]
}

/** A definition that is read when it is asked for: a package has hundreds, of which few are. */
export interface Unread {
  readonly resourceType: string
  readonly url: string
  readonly version: string | undefined
  read(): Resource
}

/** Definitions that belong together. */
export type Layer = readonly (Resource | Unread)[]

interface Entry {
  readonly version: string
  readonly layer: number
  readonly definition: Resource | Unread
}

/** A later layer wins over an earlier one, whatever their versions: what is ours over what is HL7's. */
export function registryOf(...layers: readonly Layer[]): Registry {
  const types = new Map<string, Map<string, Entry[]>>()
  for (const [layer, definitions] of layers.entries()) {
    for (const definition of definitions) addEntry(types, definition, layer)
  }
  for (const urls of types.values()) for (const entries of urls.values()) entries.sort(isBefore)
  return {
    find: <Type extends DefinitionType>(type: Type, canonical: string) => {
      const [url = '', version] = canonical.split('|')
      const entries = types.get(type)?.get(url)
      const entry = version === undefined ? entries?.[0] : entries?.find((each) => each.version === version)
      return entry && (readEntry(entry) as Definitions[Type])
    },
    all: <Type extends DefinitionType>(type: Type) => {
      const entries = [...(types.get(type)?.values() ?? [])].flat()
      return entries.sort((a, b) => a.layer - b.layer).map(readEntry) as Definitions[Type][]
    },
  }
}

function addEntry(types: Map<string, Map<string, Entry[]>>, definition: Resource | Unread, layer: number): void {
  const { resourceType, url, version = '' } = definition as { resourceType: string; url?: string; version?: string }
  if (url === undefined) return
  const urls = types.get(resourceType) ?? new Map<string, Entry[]>()
  types.set(resourceType, urls)
  const others = (urls.get(url) ?? []).filter((each) => each.version !== version)
  urls.set(url, [...others, { version, layer, definition }])
}

function isBefore(a: Entry, b: Entry): number {
  return b.layer - a.layer || compareVersions(b.version, a.version)
}

function readEntry({ definition }: Entry): Resource {
  return 'read' in definition ? definition.read() : definition
}

/** `4.0.1` after `4.0.0`, `1.10` after `1.9`, a release after its ballots; what is no number by its letters. */
export function compareVersions(a: string, b: string): number {
  const [release = '', ballot = '\uffff'] = a.split(/-(.*)/)
  const [otherRelease = '', otherBallot = '\uffff'] = b.split(/-(.*)/)
  return compareNumbers(release, otherRelease) || compareNumbers(ballot, otherBallot)
}

function compareNumbers(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true })
}
