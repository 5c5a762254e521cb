/**
 * A profile's elements as a tree with slices, from its snapshot, or from its differential over its base's elements.
 *
 * Rules of a profile only add to those of its base, so where the base is a type of R4 the differential is enough: the
 * base is checked anyway.
 */
import type { ElementDefinition, StructureDefinition } from '@medplum/fhirtypes'
import type { Registry } from '../../registry.ts'

export interface ElementNode {
  /** `Patient.identifier:mrn.value` */
  readonly id: string
  /** `identifier`, `value[x]` */
  readonly name: string
  definition: ElementDefinition
  readonly children: Map<string, ElementNode>
  readonly slices: Map<string, ElementNode>
}

export interface ProfileTree {
  readonly profile: StructureDefinition
  readonly root: ElementNode
  /** a base that is not loaded: what it says is not asked */
  readonly missing: string | undefined
}

const CORE = 'http://hl7.org/fhir/StructureDefinition/'
const MOST_BASES = 20

export function profileTree(profile: StructureDefinition, registry: Registry): ProfileTree {
  const { elements, missing } = elementsOf(profile, registry, 0)
  const root: ElementNode = nodeOf(profile.type, profile.type)
  for (const [id, element] of elements) place(root, id).definition = element
  return { profile, root, missing }
}

interface Elements {
  readonly elements: Map<string, ElementDefinition>
  readonly missing: string | undefined
}

function elementsOf(profile: StructureDefinition, registry: Registry, depth: number): Elements {
  const { snapshot, differential, baseDefinition, type, derivation } = profile
  const whole = snapshot?.element ?? []
  if (whole.length > 0) return { elements: new Map(whole.map((each) => [idOf(each), each])), missing: undefined }
  const base = derivation === 'constraint' ? baseOf(baseDefinition, type, registry, depth) : nothing()
  const elements = new Map(base.elements)
  for (const each of differential?.element ?? []) {
    const id = idOf(each)
    elements.set(id, merged(elements.get(id), each))
  }
  return { elements, missing: base.missing }
}

function nothing(missing?: string): Elements {
  return { elements: new Map(), missing }
}

function baseOf(canonical: string | undefined, type: string, registry: Registry, depth: number): Elements {
  if (canonical === undefined || canonical.replace(/\|.*/, '') === CORE + type) return nothing()
  const base = depth < MOST_BASES ? registry.find('StructureDefinition', canonical) : undefined
  return base ? elementsOf(base, registry, depth + 1) : nothing(canonical)
}

function merged(base: ElementDefinition | undefined, own: ElementDefinition): ElementDefinition {
  if (!base) return own
  return { ...base, ...own, constraint: [...(base.constraint ?? []), ...(own.constraint ?? [])] }
}

/** Some tools leave the ids out; a path and a slice's name say it where slices are not in each other. */
function idOf({ id, path, sliceName }: ElementDefinition): string {
  return id ?? (sliceName === undefined ? path : `${path}:${sliceName}`)
}

function nodeOf(id: string, name: string): ElementNode {
  return { id, name, definition: { path: id }, children: new Map(), slices: new Map() }
}

/** The node of an id, with all above it. */
function place(root: ElementNode, id: string): ElementNode {
  let node = root
  for (const step of id.split('.').slice(1)) {
    const [name = '', slices] = step.split(/:(.*)/)
    node = below(node.children, name, `${node.id}.${name}`, name)
    for (const slice of slices?.split('/') ?? []) node = below(node.slices, slice, `${node.id}:${slice}`, name)
  }
  return node
}

function below(nodes: Map<string, ElementNode>, key: string, id: string, name: string): ElementNode {
  const known = nodes.get(key)
  if (known) return known
  const made = nodeOf(id, name)
  nodes.set(key, made)
  return made
}

/** `patternCodeableConcept`, `fixedUri`: what a value must be, or have in it. */
export function constantOf(definition: ElementDefinition): { kind: 'fixed' | 'pattern'; value: unknown } | undefined {
  for (const [key, value] of Object.entries(definition)) {
    if (/^fixed[A-Z]/.test(key)) return { kind: 'fixed', value }
    if (/^pattern[A-Z]/.test(key)) return { kind: 'pattern', value }
  }
  return undefined
}

export function nameOf({ title, name, url }: StructureDefinition): string {
  return title ?? name ?? url ?? 'the profile'
}
