/** Expressions of `_filter` made of other questions, and what they find: sets of ids, put together as the words say. */
import { found, linksOf, parameterOf, type World } from './ask.ts'
import type { Questions, Roll } from './combined.ts'
import { prefixed } from './intervals.ts'
import { textsOf } from './matches.ts'
import type { Question } from './questions.ts'
import { folded, unescaped } from './text.ts'
import { valuesOf } from './values.ts'

export interface Filtered {
  readonly text: string
  readonly ids: ReadonlySet<string>
}

interface Reference {
  readonly from: string
  readonly code: string
  readonly to: string
}

export interface Source {
  readonly world: World
  readonly questions: Questions
  readonly links: readonly Reference[]
  readonly roll: Roll
}

export function filterOn(source: Source, type: string, depth: number): Filtered {
  const { roll } = source
  const ways = source.links.filter(({ from }) => from === type)
  const way = ways[Math.floor(roll() * ways.length * 3)]
  if (way && depth > 0) return alongReference(source, way, depth)
  if (depth === 0 || roll() < 0.2) return leaf(source, type)
  if (roll() < 0.3) return negated(source, filterOn(source, type, depth - 1), type)
  return inARow(
    filterOn(source, type, depth - 1),
    [0, 1].slice(roll() < 0.5 ? 1 : 0).map(() => [roll() < 0.5 ? 'and' : 'or', filterOn(source, type, depth - 1)]),
  )
}

/** From left to right, whatever the words are. */
function inARow(first: Filtered, more: readonly (readonly [word: string, next: Filtered])[]): Filtered {
  return more.reduce(
    (all, [word, next], index) => ({
      text: `${index === 0 ? inBrackets(all.text) : all.text} ${word} ${inBrackets(next.text)}`,
      ids: word === 'and' ? all.ids.intersection(next.ids) : all.ids.union(next.ids),
    }),
    first,
  )
}

function inBrackets(text: string): string {
  return / (and|or) /.test(text) ? `(${text})` : text
}

function negated({ world }: Source, { text, ids }: Filtered, type: string): Filtered {
  const all = new Set((world.get(type) ?? []).map(({ id }) => id))
  return { text: `not (${text})`, ids: all.difference(ids) }
}

/** `subject:Patient[…].name …`: of one that is pointed at, both hold. */
function alongReference(source: Source, { from, code, to }: Reference, depth: number): Filtered {
  const last = leaf(source, to)
  const where = source.roll() < 0.5 ? filterOn(source, to, depth - 1) : undefined
  const ends = where ? last.ids.intersection(where.ids) : last.ids
  const ids = (source.world.get(from) ?? [])
    .filter((resource) =>
      linksOf(resource, code).some((link) => link.startsWith(`${to}/`) && ends.has(link.slice(to.length + 1))),
    )
    .map(({ id }) => id)
  return { text: `${code}:${to}${where ? `[${where.text}]` : ''}.${last.text}`, ids: new Set(ids) }
}

function leaf({ world, questions, roll }: Source, type: string): Filtered {
  const all = questions.get(type) ?? []
  for (;;) {
    const question = all[Math.floor(roll() * all.length)] as Question
    const answer = roll() < 0.2 ? ofText(world, question) : ofQuestion(world, question)
    if (answer) return answer
  }
}

const operators: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  string: { '': 'sw', contains: 'co' },
  token: { '': 'eq', not: 'ne' },
  uri: { '': 'eq' },
  reference: { '': 're' },
  composite: { '': 'eq' },
}

/** The question in the words of `_filter`, where it has words for it. */
function ofQuestion(world: World, { type, name, value }: Question): Filtered | undefined {
  const [code = '', modifier = ''] = name.split(/:(.*)/s)
  const ids = new Set(found(world, type, name, value).map(({ id }) => id))
  if (modifier === 'missing') return { text: `${code} pr ${String(value === 'false')}`, ids }
  const kind = parameterOf(type, code).type
  if (kind === 'date' || kind === 'number' || kind === 'quantity') {
    const [prefix, rest] = prefixed(value)
    return { text: `${code} ${prefix} ${written(rest)}`, ids }
  }
  const operator = operators[kind]?.[modifier]
  const plain = kind === 'token' || kind === 'composite' ? value : unescaped(value)
  return operator === undefined ? undefined : { text: `${code} ${operator} ${written(plain)}`, ids }
}

/** `eq`, `ne` and `ew` of texts, for which searches have no word. */
function ofText(world: World, { type, name, value }: Question): Filtered | undefined {
  const code = name.split(':')[0] as string
  const parameter = parameterOf(type, code)
  const asked = folded(unescaped(value))
  if (parameter.type !== 'string' || name.endsWith(':missing') || asked === '') return undefined
  const fits = (isFit: (text: string, words: boolean) => boolean): Set<string> => {
    const texts = (world.get(type) ?? []).filter((resource) =>
      valuesOf(parameter, resource).some((each) => textsOf(each).some(({ text, words }) => isFit(folded(text), words))),
    )
    return new Set(texts.map(({ id }) => id))
  }
  if (value.length % 2 === 0) {
    return { text: `${code} ew ${written(unescaped(value))}`, ids: fits((text) => text.endsWith(asked)) }
  }
  // A text of several words is also what its later words are
  const ids = fits((text, words) => text === asked || (words && text.endsWith(` ${asked}`)))
  return { text: `${code} eq ${written(unescaped(value))}`, ids }
}

/** A word as it is, where it can be one. */
function written(text: string): string {
  return /^[^\s()[\]"]+$/.test(text) && text.length % 3 > 0 ? text : JSON.stringify(text)
}
