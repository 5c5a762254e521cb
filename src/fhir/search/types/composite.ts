/**
 * composite: `code$value`, both of one element (R4 search.html#combining). What is looked for is written as the index
 * writes it (src/r4/keys/composite-name.ts), with holes for what is not asked: the text before the first hole is the range.
 */
import { GatewayError } from '../../../kernel/errors.ts'
import { type Component, componentsOf } from '../../../r4/components.ts'
import { ANY_ENCODED, encoded } from '../../../r4/keys/composite-name.ts'
import { fold } from '../../../r4/keys/fold.ts'
import { isImpliedSystem } from '../../../r4/parameter-values.ts'
import { anyElement, LAST } from '../lookup.ts'
import type { Asked, ElementMatch, Lookup, Name, SearchType, Target } from '../lookup.ts'
import { splitDollars, unescape } from '../query-text.ts'
import { dateMatches } from './date.ts'
import { numberMatches, quantityMatches } from './number.ts'
import { referenceTexts } from './reference.ts'
import { tokenParts } from './token.ts'

export const composite: SearchType = { find: (asked) => lookup(asked), modifiers: {} }

const HOLE = Symbol('anything')
type Piece = string | typeof HOLE

/** What a part may be written as. */
interface Wanted {
  readonly text: readonly Piece[]
  /** the system of a token */
  readonly tail?: Piece
}

function lookup({ parameter, value, target }: Asked): Lookup {
  const components = componentsOf(parameter, target.type) ?? []
  const values = splitDollars(value)
  if (values.length !== components.length || values.includes('')) {
    const form = components.map((each) => each.parameter.code).join('$')
    throw new GatewayError('GW_BAD_REQUEST', `"${parameter.code}" takes ${form}.`)
  }
  const parts = components.map((component, index) => ({ component, value: values[index] as string }))
  const texts = parts.filter(({ component }) => component.kind === 'text')
  const names = namesOf(
    parameter.code,
    texts.map((part) => wantedOf(parameter.code, part.component, part.value, target)),
  )
  const [range, second] = parts.filter(({ component }) => component.kind !== 'text')
  if (!range) return keysOf(names)
  const matches = names.flatMap((name) => rangesOf(name, range.component, range.value, target))
  if (!second) return anyElement(range.component.kind === 'd' ? 'd' : 'n', matches)
  const seconds = rangesOf('', second.component, second.value, target)
  const pairs = matches.flatMap((match) =>
    seconds.map(({ l, h }) => ({ ...match, ...(l && { l2: l }), ...(h && { h2: h }) })),
  )
  return anyElement('n', pairs)
}

function rangesOf(
  name: Name,
  { parameter: { code }, type }: Component,
  value: string,
  { now }: Target,
): ElementMatch[] {
  if (type === 'date') return dateMatches(name, value, code, now)
  return type === 'number' ? numberMatches(name, value, code) : quantityMatches(name, value, code)
}

function wantedOf(code: string, { parameter, type }: Component, value: string, target: Target): Wanted[] {
  if (type === 'token') return tokensOf(code, value, (system) => isImpliedSystem(system, parameter, target.type))
  if (type === 'reference')
    return referenceTexts({ parameter, value, target }, parameter.target ?? []).map((text) => ({
      text: [encoded(text)],
    }))
  if (type === 'uri') return [{ text: [encoded(unescape(value))] }]
  return [{ text: [encoded(fold(unescape(value))), HOLE] }]
}

function tokensOf(code: string, value: string, isImplied: (system: string) => boolean): Wanted[] {
  const { system, code: wanted } = tokenParts(code, value)
  if (wanted === undefined) {
    throw new GatewayError(
      'GW_BAD_REQUEST',
      `"${code}" takes a code in each part that is a token: system| is not enough.`,
    )
  }
  const text = [encoded(wanted)]
  if (system === undefined) return [{ text, tail: HOLE }]
  const tails = isImplied(system) ? [system, ''] : [system]
  return tails.map((tail) => ({ text, tail: encoded(tail) }))
}

/** Every way of writing all parts. */
function namesOf(code: string, parts: readonly (readonly Wanted[])[]): Name[] {
  const rows = parts.reduce<Wanted[][]>((all, part) => all.flatMap((row) => part.map((each) => [...row, each])), [[]])
  return rows.map((row) => {
    const texts = row.flatMap(({ text }, index): Piece[] => (index === 0 ? [...text] : ['$', ...text]))
    const tails = row.flatMap(({ tail }): Piece[] => (tail === undefined ? [] : ['|', tail]))
    return nameOf([`${code}=`, ...texts, ...tails])
  })
}

function nameOf(pieces: readonly Piece[]): Name {
  const hole = pieces.indexOf(HOLE)
  if (hole < 0) return pieces.join('')
  const beginning = pieces.slice(0, hole).join('')
  const range = { $gte: beginning, $lt: beginning + LAST }
  const rest = pieces.slice(hole).filter((piece) => piece !== HOLE && piece !== '|' && piece !== '$')
  return rest.length === 0 ? range : { ...range, $regex: expressionOf(pieces) }
}

function expressionOf(pieces: readonly Piece[]): RegExp {
  const parts = pieces.map((piece) => (piece === HOLE ? ANY_ENCODED : piece.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')))
  return new RegExp(`^${parts.join('')}$`)
}

function keysOf(names: readonly Name[]): Lookup {
  const exact = names.filter((name) => typeof name === 'string')
  if (exact.length === names.length) return exact
  const ranges = names.map((name) => (typeof name === 'string' ? { k: name } : { k: { $elemMatch: name } }))
  return ranges.length === 1 ? (ranges[0] as Lookup) : { $or: ranges }
}
