/** Which code stands under which, of the code systems that come with R4. */
import { readDefinitions } from './definitions.ts'

/** Parents by code. */
export type Hierarchy = ReadonlyMap<string, readonly string[]>

interface Row {
  readonly url: string
  readonly pairs: readonly string[]
}

let bySystem: ReadonlyMap<string, Hierarchy> | undefined

/** Undefined of a system that R4 does not bring, or that has no hierarchy. */
export function hierarchyOf(system: string): Hierarchy | undefined {
  bySystem ??= new Map((readDefinitions('hierarchies') as Row[]).map(({ url, pairs }) => [url, fromPairs(pairs)]))
  return bySystem.get(system)
}

function fromPairs(pairs: readonly string[]): Hierarchy {
  const parents = new Map<string, string[]>()
  for (const [code = '', parent = ''] of pairs.map((pair) => pair.split(' '))) {
    parents.set(code, [...(parents.get(code) ?? []), parent])
  }
  return parents
}

/** The code, and all that stand over it. */
export function above(hierarchy: Hierarchy, code: string): string[] {
  const found = new Set([code])
  for (const each of found) for (const parent of hierarchy.get(each) ?? []) found.add(parent)
  return [...found]
}

/** The code, and all that stand under it. */
export function below(hierarchy: Hierarchy, code: string): string[] {
  return [code, ...[...hierarchy.keys()].filter((each) => each !== code && above(hierarchy, each).includes(code))]
}
