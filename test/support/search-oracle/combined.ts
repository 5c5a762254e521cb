/** Searches made of others: several at once, alternatives, chains and `_has`, of up to three steps. */
import { linksOf, type World } from './ask.ts'
import { parametersOf } from './definitions.ts'
import type { Question } from './questions.ts'

export type Roll = () => number
export type Questions = ReadonlyMap<string, readonly Question[]>

export interface Combined {
  readonly type: string
  /** All must hold. */
  readonly criteria: readonly (readonly [name: string, value: string])[]
}

interface Link {
  readonly from: string
  readonly code: string
  readonly to: string
}

/** References that lead from a resource of the world to another, as parameters. */
export function linksIn(world: World): Link[] {
  return [...world].flatMap(([from, resources]) => {
    const codes = parametersOf(from).filter(({ type, target }) => type === 'reference' && target)
    return codes.flatMap(({ code, target = [] }) => {
      const types = resources.flatMap((resource) => linksOf(resource, code)).map((link) => link.split('/')[0] as string)
      return [...new Set(types)].filter((to) => target.includes(to)).map((to) => ({ from, code, to }))
    })
  })
}

/** Two parameters of a type, or two values of one. */
export function together(questions: Questions, type: string, roll: Roll): Combined {
  const [one, other] = [pick(questions.get(type) ?? [], roll), pick(questions.get(type) ?? [], roll)]
  const same = (questions.get(type) ?? []).filter(({ name }) => name === one.name && !name.endsWith(':missing'))
  const value = roll() < 0.5 && same.length > 0 ? `${pick(same, roll).value},${pick(same, roll).value}` : one.value
  return {
    type,
    criteria: [
      [one.name, value],
      [other.name, other.value],
    ],
  }
}

/** From a resource along references, either way, to what is asked of the last one. */
export function linked(links: readonly Link[], questions: Questions, steps: number, roll: Roll): Combined {
  const { from, to } = pick(links, roll)
  const type = roll() < 0.5 ? from : to
  return { type, criteria: [alongLinks(links, questions, type, steps, roll)] }
}

function alongLinks(
  links: readonly Link[],
  questions: Questions,
  type: string,
  steps: number,
  roll: Roll,
): readonly [name: string, value: string] {
  const ways = links.filter(({ from, to }) => from === type || to === type)
  if (steps === 0 || ways.length === 0) {
    const { name, value } = pick(questions.get(type) ?? [], roll)
    return [name, value]
  }
  const { from, code, to } = pick(ways, roll)
  const isForward = from === type
  const [name, value] = alongLinks(links, questions, isForward ? to : from, steps - 1, roll)
  return [(isForward ? `${code}:${to}.` : `_has:${from}:${code}:`) + name, value]
}

function pick<T>(items: readonly T[], roll: Roll): T {
  return items[Math.floor(roll() * items.length)] as T
}
