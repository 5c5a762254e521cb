/** A code system as it is asked: concepts by code, and which stands under which (R4 codesystem.html#hierarchy). */
import type { CodeSystem, CodeSystemConcept } from '@medplum/fhirtypes'

export interface Concept extends Omit<CodeSystemConcept, 'concept'> {
  readonly code: string
  readonly parents: readonly string[]
  readonly children: readonly string[]
  /** stands for those below it, and is not chosen itself */
  readonly abstract: boolean
  readonly inactive: boolean
}

export interface CodeSystemIndex {
  readonly system: CodeSystem
  /** in the order of the code system */
  readonly concepts: readonly Concept[]
  /** false: codes may be missing here */
  readonly isWhole: boolean
  get(code: string): Concept | undefined
}

interface Draft extends Omit<CodeSystemConcept, 'concept'> {
  code: string
  parents: string[]
  children: string[]
  abstract: boolean
  inactive: boolean
}

/** Properties by which a concept names those over it and under it, whatever the concepts are nested in. */
const PROPERTIES = 'http://hl7.org/fhir/concept-properties'
const UPWARD = ['parent', 'subsumedBy']
const DOWNWARD = ['child']
const NOT_CHOSEN = new Set(['notSelectable', 'abstract'])

/** Undefined where the resource brings no codes: it only says that there is such a system. */
export function indexOf(system: CodeSystem): CodeSystemIndex | undefined {
  if (system.content === 'not-present' || system.content === 'supplement') return undefined
  const drafts = new Map<string, Draft>()
  addAll(system.concept ?? [], undefined, drafts)
  const upward = new Set([...UPWARD, ...propertiesOf(system, 'parent')])
  const downward = new Set([...DOWNWARD, ...propertiesOf(system, 'child')])
  for (const draft of drafts.values()) {
    for (const over of named(draft, upward, drafts)) link(over, draft)
    for (const under of named(draft, downward, drafts)) link(draft, under)
  }
  const folded = system.caseSensitive === false ? foldedCodes(drafts) : undefined
  return {
    system,
    concepts: [...drafts.values()],
    isWhole: (system.content ?? 'complete') === 'complete',
    get: (code) => drafts.get(code) ?? folded?.get(code.toLowerCase()),
  }
}

/** The concept, and all that stand over it. */
export function above(index: CodeSystemIndex, code: string): Set<string> {
  return reached(index, code, ({ parents }) => parents)
}

/** The concept, and all that stand under it. */
export function below(index: CodeSystemIndex, code: string): Set<string> {
  return reached(index, code, ({ children }) => children)
}

function reached(index: CodeSystemIndex, code: string, next: (concept: Concept) => readonly string[]): Set<string> {
  const first = index.get(code)
  const found = new Set(first ? [first.code] : [])
  for (const each of found) {
    const concept = index.get(each)
    for (const other of concept ? next(concept) : []) found.add(other)
  }
  return found
}

/** A code may stand at several places of the hierarchy. */
function addAll(concepts: readonly CodeSystemConcept[], parent: Draft | undefined, drafts: Map<string, Draft>): void {
  for (const { concept: inner = [], ...rest } of concepts) {
    const draft = drafts.get(rest.code) ?? draftOf(rest)
    drafts.set(draft.code, draft)
    if (parent) link(parent, draft)
    addAll(inner, draft, drafts)
  }
}

function draftOf(concept: CodeSystemConcept): Draft {
  const { property = [] } = concept
  return {
    ...concept,
    parents: [],
    children: [],
    abstract: property.some(({ code, valueBoolean }) => NOT_CHOSEN.has(code) && valueBoolean === true),
    inactive: property.some(isInactive),
  }
}

/** http://hl7.org/fhir/concept-properties; v2 and v3 say it with a status. */
function isInactive({ code, valueBoolean, valueCode }: NonNullable<CodeSystemConcept['property']>[number]): boolean {
  return (
    (code === 'inactive' && valueBoolean === true) ||
    (code === 'status' && /^(retired|inactive)$/.test(valueCode ?? ''))
  )
}

function propertiesOf({ property = [] }: CodeSystem, meaning: string): string[] {
  return property.flatMap(({ code, uri }) => (uri === `${PROPERTIES}#${meaning}` ? [code] : []))
}

function named(draft: Draft, properties: ReadonlySet<string>, drafts: ReadonlyMap<string, Draft>): Draft[] {
  return (draft.property ?? []).flatMap(({ code, valueCode = '' }) => {
    const other = properties.has(code) ? drafts.get(valueCode) : undefined
    return other && other !== draft ? [other] : []
  })
}

function link(parent: Draft, child: Draft): void {
  if (child.parents.includes(parent.code)) return
  child.parents.push(parent.code)
  parent.children.push(child.code)
}

function foldedCodes(drafts: ReadonlyMap<string, Draft>): Map<string, Draft> {
  return new Map([...drafts].reverse().map(([code, draft]) => [code.toLowerCase(), draft]))
}
