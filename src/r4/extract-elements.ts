/**
 * Which elements R4 has, for `extract.ts`.
 *
 * The definitions package adds elements of its own and of R5 to the profiles of types. `dataelements.json` in it is HL7's
 * own file, one definition an element, so it decides which elements exist and what they are. It leaves out backbone
 * elements and content references; these come from the profiles, when HL7's file knows what is below or around them.
 */
const hl7 = 'http://hl7.org/fhir/StructureDefinition/'
/** Constraints on Quantity with a name of their own: absent from HL7's list of data elements. */
const quantities = new Set(['Age', 'Count', 'Distance', 'Duration'])

interface TypeRef {
  code: string
  targetProfile?: string[]
  extension?: { url: string; valueUrl?: string }[]
}
export interface Element {
  path: string
  isSummary?: boolean
  min: number
  max: string
  type?: TypeRef[]
  contentReference?: string
  base?: { path: string }
  binding?: { strength: string; valueSet?: string }
  constraint?: Constraint[]
}
export interface Constraint {
  key: string
  severity: string
  human: string
  expression?: string
  extension?: { url: string }[]
}
export interface StructureDefinition {
  resourceType: string
  id: string
  kind: string
  abstract: boolean
  version: string
  derivation?: string
  snapshot: { element: Element[] }
}

/** `{ 'Patient.contact': ['gender 0..1 code http://…/administrative-gender', …] }`: name, cardinality, types, binding. */
export function elementsByType(
  structures: StructureDefinition[],
  dataElements: StructureDefinition[],
): Record<string, string[]> {
  const official = Map.groupBy(distinct(dataElements), (element) => parentOf(element.path))
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

/** What a summary of a resource has, by resource type and backbone element; choices by their name without type. */
export function summaryElements(structures: StructureDefinition[]): Record<string, string[]> {
  const result: Record<string, string[]> = {}
  const elements = structures.flatMap((it) => (it.kind === 'resource' && !it.abstract ? it.snapshot.element : []))
  for (const { path, isSummary } of elements) {
    if (!isSummary || !path.includes('.')) continue
    const names = (result[parentOf(path)] ??= [])
    names.push(path.slice(path.lastIndexOf('.') + 1).replace('[x]', ''))
  }
  return result
}

function distinct(dataElements: StructureDefinition[]): Element[] {
  const byPath = new Map<string, Element>()
  for (const { snapshot } of dataElements) {
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

export function unversioned(canonical: string): string {
  return canonical.replace(/\|.*/, '')
}
