/**
 * Which search keys never come alone: who has `patient=Patient/1` has `subject=Patient/1`, where one parameter reads some of
 * what the other reads. So a search by the first is within a compartment that is told by the second.
 */
import { elementPaths } from '../r4/element-paths.ts'
import type { ElementPath } from '../r4/element-paths.ts'
import type { SearchParameter } from '../r4/search-parameters.ts'
import { searchParametersOf } from '../r4/search-parameters.ts'

type Wider = Map<string, readonly string[]>

const known = new WeakMap<ReadonlyMap<string, SearchParameter>, Wider>()

/** Has each resource of the type that has this key one of those? */
export function implies(type: string, key: string, others: readonly string[]): boolean {
  if (others.includes(key)) return true
  const at = key.indexOf('=')
  return widerThan(type, key.slice(0, at)).some((code) => others.includes(code + key.slice(at)))
}

/** Reference parameters of the type that read all that this one reads. */
function widerThan(type: string, code: string): readonly string[] {
  const parameters = searchParametersOf(type)
  const ofType: Wider = known.get(parameters) ?? new Map<string, readonly string[]>()
  known.set(parameters, ofType)
  let wider = ofType.get(code)
  if (!wider) ofType.set(code, (wider = findWider(type, code)))
  return wider
}

function findWider(type: string, code: string): string[] {
  const references = [...searchParametersOf(type).values()].filter((each) => each.type === 'reference')
  const pathsOf = ({ expression = '' }: SearchParameter): ElementPath[] => elementPaths(expression, type)
  const own = references.filter((each) => each.code === code).flatMap(pathsOf)
  if (own.length === 0) return []
  const isWider = (each: SearchParameter): boolean =>
    own.every((path) => pathsOf(each).some((other) => reads(other, path)))
  return references.filter((each) => each.code !== code && isWider(each)).map((each) => each.code)
}

/** The same elements, under no condition that the other has not. */
function reads(path: ElementPath, other: ElementPath): boolean {
  const isSame = ({ name, index, condition }: ElementPath['steps'][number], at: number): boolean => {
    const step = other.steps[at]
    return name === step?.name && index === step.index && (!condition || condition.text === step.condition?.text)
  }
  return path.type === other.type && path.steps.length === other.steps.length && path.steps.every(isSame)
}
