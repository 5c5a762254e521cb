/**
 * `:in`, `:not-in`, `:above` and `:below` of tokens (R4 search.html#token), `:above` and `:below` of references: the codes
 * and resources they stand for are written out before the search, so that it is a range of the index for each.
 */
import { GatewayError } from '../../kernel/errors.ts'
import type { Criterion } from './criterion.ts'
import type { LinkContext } from './linked.ts'
import { AROUND, referencesAround } from './part-of.ts'
import { unescape } from './query-text.ts'
import { blinded } from './sealed.ts'
import { codesAbove, codesBelow, codesIn } from './stored-codes.ts'
import type { Coding } from './stored-codes.ts'
import { tokenParts } from './types/token.ts'

type Context = Pick<LinkContext, 'permit' | 'reader' | 'request'>

/** Modifiers that only `writtenOut` understands. */
export const SETS = new Set(['in', 'not-in', 'above', 'below'])

function isSet({ parameter, modifier = '' }: Criterion): boolean {
  return parameter.type === 'token' && SETS.has(modifier)
}

/** As it is looked up among resources of the type. */
export async function writtenOut(context: LinkContext, type: string, criterion: Criterion): Promise<Criterion> {
  return blinded(context, type, await withCodes(context, criterion))
}

async function withCodes(context: Context, criterion: Criterion): Promise<Criterion> {
  const { parameter, modifier = '', values, text } = criterion
  if (parameter.type === 'reference' && AROUND.includes(modifier)) {
    const names = await Promise.all(values.map((value) => referencesAround(context, parameter, modifier, value)))
    return { parameter, values: [...new Set(names.flat())], text }
  }
  if (!isSet(criterion)) return criterion
  const codings = await Promise.all(values.map((value) => codingsOf(context, criterion, value)))
  const codes = codings.flat().map(({ system, code }) => `${escaped(system)}|${escaped(code)}`)
  // No code at all: a value that nothing has
  const all = codes.length === 0 ? ['urn:none|none'] : codes
  return { parameter, values: all, text, ...(modifier === 'not-in' && { modifier: 'not' }) }
}

async function codingsOf(context: Context, { parameter, modifier }: Criterion, value: string): Promise<Coding[]> {
  if (modifier === 'in' || modifier === 'not-in') return codesIn(context, unescape(value))
  const { system, code } = tokenParts(parameter.code, value)
  if (!system || code === undefined)
    throw new GatewayError('GW_BAD_REQUEST', `"${parameter.code}:${modifier}" takes system|code.`)
  const codes = await (modifier === 'above' ? codesAbove : codesBelow)(context, system, code)
  return codes.map((each) => ({ system, code: each }))
}

function escaped(text: string): string {
  return text.replace(/[\\,|$]/g, '\\$&')
}
