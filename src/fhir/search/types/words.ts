/**
 * `_text` and `_content`: words with AND (or nothing between them), OR, NOT and parentheses, as in
 * `_text=(bone OR liver) and metastases` (R4 search.html#text). Words are whole, and folded like strings.
 */
import { GatewayError } from '../../../kernel/errors.ts'
import { foldedKey } from '../../../r4/keys/text.ts'
import { wordsOf } from '../../../r4/keys/words.ts'
import type { Asked, Filter, SearchType } from '../lookup.ts'
import { unescape } from '../query-text.ts'

export const words: SearchType = {
  find(asked) {
    const reader: Reader = { code: asked.parameter.code, tokens: tokensOf(asked), at: 0 }
    const found = either(reader)
    if (reader.at < reader.tokens.length) throw unreadable(reader)
    if (found.isNegative) {
      throw new GatewayError('GW_BAD_REQUEST', `"${reader.code}" takes a word that is there beside those that are not.`)
    }
    return found.filter
  },
  modifiers: {},
}

interface Reader {
  readonly code: string
  readonly tokens: readonly string[]
  at: number
}

interface Found {
  readonly filter: Filter
  /** It says only what is not there, which no index finds. */
  readonly isNegative: boolean
}

const MOST = 50

function tokensOf({ parameter: { code }, value }: Asked): string[] {
  const tokens = unescape(value).match(/[()]|[^\s()]+/g) ?? []
  if (tokens.length > MOST) throw new GatewayError('GW_TOO_LARGE', `"${code}" has more than ${MOST} words.`)
  return tokens
}

function either(reader: Reader): Found {
  const found = [both(reader)]
  while (takes(reader, /^or$/i)) found.push(both(reader))
  if (found.length === 1) return found[0] as Found
  return { filter: { $or: found.map(({ filter }) => filter) }, isNegative: found.some((each) => each.isNegative) }
}

function both(reader: Reader): Found {
  const found = [one(reader)]
  while (takes(reader, /^and$/i) || isNext(reader, /^(?!or$|\)$)/i)) found.push(one(reader))
  if (found.length === 1) return found[0] as Found
  return { filter: { $and: found.map(({ filter }) => filter) }, isNegative: found.every((each) => each.isNegative) }
}

function one(reader: Reader): Found {
  if (takes(reader, /^not$/i)) {
    const { filter, isNegative } = one(reader)
    if (isNegative) throw unreadable(reader)
    return { filter: { $nor: [filter] }, isNegative: true }
  }
  if (takes(reader, /^\($/)) {
    const found = either(reader)
    if (!takes(reader, /^\)$/)) throw unreadable(reader)
    return found
  }
  const token = reader.tokens[reader.at++]
  const asked = token === undefined || /^(\)|and|or)$/i.test(token) ? [] : wordsOf(token)
  if (asked.length === 0) throw unreadable(reader)
  const filters = asked.map((word) => wordFilter(reader.code, word))
  return { filter: filters.length === 1 ? (filters[0] as Filter) : { $and: filters }, isNegative: false }
}

function isNext({ tokens, at }: Reader, pattern: RegExp): boolean {
  const token = tokens[at]
  return token !== undefined && pattern.test(token)
}

function takes(reader: Reader, pattern: RegExp): boolean {
  const isThere = isNext(reader, pattern)
  if (isThere) reader.at++
  return isThere
}

/** What the narrative says is content too, and is written once. */
function wordFilter(code: string, word: string): Filter {
  if (code === '_text') return { k: foldedKey('_text', word) }
  return { k: { $in: [foldedKey('_text', word), foldedKey('_content', word)] } }
}

function unreadable({ code }: Reader): GatewayError {
  return new GatewayError('GW_BAD_REQUEST', `"${code}" takes words, AND, OR, NOT and parentheses around them.`)
}
