/** What validation finds, and the walk that finds it. */
import { pathText } from '../json.ts'
import type { Item } from './fhirpath/items.ts'

/** What part of the rules it belongs to: a tenant says for each what becomes of a write. */
export type Aspect = 'structure' | 'invariants' | 'profiles'

export interface Finding {
  readonly aspect: Aspect
  readonly severity: 'error' | 'warning' | 'information'
  /** of the value set issue-type */
  readonly code: 'structure' | 'value' | 'required' | 'code-invalid' | 'invariant' | 'not-found' | 'business-rule'
  /** One sentence; it repeats no value, which may be about a patient. */
  readonly message: string
  /** `Patient.name[0].given[1]` */
  readonly expression: string
}

/** One resource being looked at. */
export interface Walk {
  readonly path: (string | number)[]
  readonly findings: Finding[]
  /** `%resource` */
  resource: Item
  readonly root: Item
  /** profiles that are asked of resources right now: references go in circles */
  readonly asking: Set<string>
}

/** Of what is wrong with a large body, as much as anyone reads. */
export const MOST_FINDINGS = 200

export function walkOf(root: Item, path: readonly (string | number)[] = [root.type]): Walk {
  return { path: [...path], findings: [], resource: root, root, asking: new Set() }
}

export function find(walk: Walk, finding: Omit<Finding, 'expression'>, step?: string): void {
  if (walk.findings.length >= MOST_FINDINGS) return
  const path = step === undefined ? walk.path : [...walk.path, step]
  walk.findings.push({ ...finding, expression: pathText(path) })
}

export function isError({ severity }: Finding): boolean {
  return severity === 'error'
}

/** With the path of an element that stands in the one being looked at. */
export function within(walk: Walk, { name = '', index }: Item, work: () => void): void {
  walk.path.push(name)
  if (index !== undefined) walk.path.push(index)
  work()
  walk.path.length -= index === undefined ? 1 : 2
}

/** The same finding by two ways is one. */
export function distinctFindings(findings: readonly Finding[]): Finding[] {
  const seen = new Set<string>()
  return findings.filter(({ expression, severity, message }) => {
    const key = `${severity} ${expression} ${message}`
    return !seen.has(key) && seen.add(key)
  })
}
