/**
 * Where the check of a resource's structure is, and what it found.
 *
 * The path of the element being looked at is one list that grows and shrinks, so that a good resource costs no text.
 */
import { pathText } from './json.ts'

export interface StructureProblem {
  /** Of the value set issue-type. */
  readonly code: 'structure' | 'value' | 'required' | 'code-invalid' | 'invariant'
  /** One sentence; it repeats no value, which may be about a patient. */
  readonly message: string
  /** `Patient.name[0].given[1]`, elements by their JSON names. */
  readonly expression: string
}

export type JsonObject = Readonly<Record<string, unknown>>

/** The contained resources that references of one resource can name: id and type, and the ids that were named. */
export interface Scope {
  readonly types: ReadonlyMap<string, unknown>
  readonly named: Set<string>
}

export interface Walk {
  readonly path: (string | number)[]
  readonly problems: StructureProblem[]
  scope: Scope
}

/** Of what is wrong with a large body, as much as anyone reads. */
const mostProblems = 100

export function addProblem(walk: Walk, code: StructureProblem['code'], message: string): void {
  if (walk.problems.length < mostProblems) walk.problems.push({ code, message, expression: pathText(walk.path) })
}

/** The problem of an element below the one being looked at. */
export function addProblemAt(walk: Walk, step: string, code: StructureProblem['code'], message: string): void {
  walk.path.push(step)
  addProblem(walk, code, message)
  walk.path.pop()
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
