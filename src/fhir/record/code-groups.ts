/** Observations in groups of one meaning: those that share a coding, directly or through a third. */
import { fold } from '../../r4/keys/fold.ts'

interface Concept {
  readonly coding?: readonly { readonly system?: string; readonly code?: string }[]
  readonly text?: string
}

export interface Coded {
  readonly _id: string
  readonly code?: Concept | undefined
}

/** The `_id`s of the first `max` of each group, group by group, in the order in which they were given. */
export function lastOfGroups(observations: readonly Coded[], max: number): string[] {
  const parents = new Map<string, string>()
  const names = observations.map((each) => {
    const own = namesOf(each)
    for (const name of own) join(parents, own[0] as string, name)
    return own[0] as string
  })
  const groups = Map.groupBy(observations.keys(), (index) => rootOf(parents, names[index] as string))
  return [...groups.values()].flatMap((group) => group.slice(0, max).map((index) => observations[index]?._id as string))
}

/** A concept of text alone is of the group of its words; one of nothing is alone. */
function namesOf({ _id, code }: Coded): string[] {
  const codings = (code?.coding ?? []).filter((each) => each.code !== undefined)
  if (codings.length > 0) return codings.map((each) => `${each.system ?? ''}|${each.code}`)
  return [code?.text === undefined ? _id : `text ${fold(code.text)}`]
}

function rootOf(parents: Map<string, string>, name: string): string {
  let root = name
  for (let parent = parents.get(root); parent !== undefined; parent = parents.get(root)) root = parent
  if (root !== name) parents.set(name, root)
  return root
}

function join(parents: Map<string, string>, one: string, other: string): void {
  const [a, b] = [rootOf(parents, one), rootOf(parents, other)]
  if (a !== b) parents.set(b, a)
}
