/** All value codecs by name. The engine makes `reference`, `parts` and `canonical` itself: they need the other mappings. */
import type { CodecDefinition } from '../codec.ts'
import { bilingual, markdownBilingual } from './bilingual.ts'
import { boolean, notBoolean } from './boolean.ts'
import { code } from './code.ts'
import { coding } from './coding.ts'
import { concept } from './concept.ts'
import { conceptText } from './concept-text.ts'
import { decimal } from './decimal.ts'
import { integer, positiveInteger } from './integer.ts'
import { jsonText } from './json-text.ts'
import { lines } from './lines.ts'
import { listOf } from './list-of.ts'
import { money } from './money.ts'
import { quantity } from './quantity.ts'
import { sourceWord } from './source-word.ts'
import { text } from './text.ts'

const all: readonly CodecDefinition[] = [
  bilingual,
  boolean,
  code,
  coding,
  concept,
  conceptText,
  decimal,
  integer,
  jsonText,
  lines,
  listOf,
  markdownBilingual,
  money,
  notBoolean,
  positiveInteger,
  quantity,
  sourceWord,
  text,
]

export const codecs: ReadonlyMap<string, CodecDefinition> = new Map(all.map((codec) => [codec.name, codec]))
