/** A few hundred resources of all types that point at one another. */
import fc from 'fast-check'
import { resourceTypes } from '../../src/r4/elements.ts'
import { type Resource, resourceOf } from './generated.ts'
import { ids } from './generated-shapes.ts'

export type Known = Resource & { readonly id: string }

/** For each id that references name, of some candidates the one that says most: there is more to find by. */
export function generatedWorld(seed: number): Known[] {
  return resourceTypes.flatMap((type) =>
    fc
      .sample(resourceOf(type), { numRuns: ids.length * 2, seed })
      .map((resource) => ({ resource, length: JSON.stringify(resource).length }))
      .sort((one, other) => other.length - one.length)
      .slice(0, ids.length)
      .map(({ resource: { resourceType, ...elements } }, index) => ({
        resourceType,
        id: ids[index] as string,
        ...elements,
      })),
  )
}

/** Numbers in [0, 1) that are the same for the same seed. */
export function dice(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

export function shuffled<T>(items: readonly T[], roll: () => number): T[] {
  return items
    .map((item) => ({ item, place: roll() }))
    .sort((one, other) => one.place - other.place)
    .map(({ item }) => item)
}
