/**
 * Reads the text of `_filter` (R4 search_filter.html). `and` and `or` are taken from left to right, neither before the other,
 * as R4 says. What is wrong is said with its place.
 *
 *   filter = test / filter ("and" / "or") filter / ["not"] "(" filter ")"
 *   test   = path operator value          path = code [":" Type] ["[" filter "]"] ["." path]
 */
import { GatewayError } from '../../../kernel/errors.ts'
import { OPERATORS } from './expression.ts'
import type { Expression, Operator, Step, WrittenTest } from './expression.ts'

type Written = Expression<WrittenTest>

interface Reader {
  readonly text: string
  at: number
  depth: number
  /** from one word to the other without brackets: each is a level more of what MongoDB is asked, which has 100 */
  turns: number
}

const MOST_DEPTH = 20
const MOST_TURNS = 40
const operators: ReadonlySet<string> = new Set(OPERATORS)

export function parseFilter(text: string): Written {
  const reader: Reader = { text, at: 0, depth: 0, turns: 0 }
  const expression = several(reader)
  if (reader.at < text.length) throw wrong(reader, 'expected "and", "or" or the end')
  return expression
}

function several(reader: Reader): Written {
  let found = one(reader)
  let last: 'and' | 'or' | undefined
  for (let word = connective(reader); word; word = connective(reader)) {
    const next = one(reader)
    if (last !== word && last !== undefined && ++reader.turns > MOST_TURNS) {
      throw wrong(reader, `more than ${MOST_TURNS} turns between "and" and "or": use brackets`)
    }
    last = word
    // Flat as long as the word stays the same
    found = { kind: word, parts: found.kind === word ? [...found.parts, next] : [found, next] }
  }
  return found
}

function connective(reader: Reader): 'and' | 'or' | undefined {
  skipSpaces(reader)
  return take(reader, /(?:and|or)(?![\w-])/iy)?.toLowerCase() as 'and' | 'or' | undefined
}

function one(reader: Reader): Written {
  skipSpaces(reader)
  if (take(reader, /not\s*\(/iy)) return { kind: 'not', part: closed(reader, ')') }
  if (take(reader, /\(/y)) return closed(reader, ')')
  return { kind: 'test', test: testOf(reader) }
}

/** Up to the bracket that closes it. */
function closed(reader: Reader, bracket: ')' | ']'): Written {
  if (++reader.depth > MOST_DEPTH) throw wrong(reader, `more than ${MOST_DEPTH} brackets within each other`)
  const found = several(reader)
  reader.depth--
  if (!next(reader, bracket)) throw wrong(reader, `expected "and", "or" or "${bracket}"`)
  return found
}

function testOf(reader: Reader): WrittenTest {
  const at = reader.at + 1
  const path = pathOf(reader)
  skipSpaces(reader)
  const start = reader.at
  const operator = take(reader, /\w+/y)?.toLowerCase() ?? ''
  if (!operators.has(operator)) throw wrong({ at: start }, `expected one of ${OPERATORS.join(', ')}`)
  skipSpaces(reader)
  return { at, path, operator: operator as Operator, value: valueOf(reader) }
}

function pathOf(reader: Reader): Step[] {
  const steps: Step[] = []
  do {
    const code = take(reader, /[A-Za-z_][\w-]*/y)
    if (code === undefined) throw wrong(reader, 'expected the name of a search parameter')
    const type = take(reader, /:[A-Z][A-Za-z]*/y)?.slice(1)
    const where = next(reader, '[') ? closed(reader, ']') : undefined
    steps.push({ code, ...(type !== undefined && { type }), ...(where && { where }) })
    if ((where ?? type) && reader.text[reader.at] !== '.') {
      throw wrong(reader, `expected "." and a parameter of what "${code}" leads to`)
    }
  } while (next(reader, '.'))
  return steps
}

/** A JSON string, or all up to a space or the end of the brackets. */
function valueOf(reader: Reader): string {
  const start = reader.at
  const quoted = take(reader, /"(?:[^"\\]|\\.)*"/sy)
  const found = quoted === undefined ? take(reader, /[^\s)\]"][^\s)\]]*/y) : unquoted(quoted)
  if (found) return found
  throw wrong({ at: start }, 'expected a value: a word, or a JSON string in quotes')
}

function unquoted(text: string): string | undefined {
  try {
    return JSON.parse(text) as string
  } catch {
    return undefined
  }
}

function next(reader: Reader, character: string): boolean {
  const isThere = reader.text[reader.at] === character
  if (isThere) reader.at++
  return isThere
}

function take(reader: Reader, pattern: RegExp): string | undefined {
  pattern.lastIndex = reader.at
  const [found] = pattern.exec(reader.text) ?? []
  reader.at += found?.length ?? 0
  return found
}

function skipSpaces(reader: Reader): void {
  take(reader, /\s*/y)
}

function wrong({ at }: Pick<Reader, 'at'>, what: string): GatewayError {
  return new GatewayError('GW_BAD_REQUEST', `"_filter", character ${at + 1}: ${what}.`)
}
