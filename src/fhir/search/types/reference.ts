/** reference: `Patient/1`, an absolute URL, or a bare id of any type that the parameter points at (R4 search.html#reference). */
import { GatewayError } from '../../../kernel/errors.ts'
import { identifierParameter, uriKey } from '../../../r4/keys/text.ts'
import { parseReference } from '../../../r4/references.ts'
import type { Asked, Find, Lookup, SearchType } from '../lookup.ts'
import { unescape } from '../query-text.ts'
import { spellingsOf, withoutBase } from '../spellings.ts'
import { tokenLookup } from './token.ts'

export const reference: SearchType = {
  find: (asked) => pointingAt(asked, asked.parameter.target ?? []),
  modifiers: {
    identifier: ({ parameter, value }) => tokenLookup(identifierParameter(parameter.code), value),
  },
}

/** `subject:Patient=1` */
export function ofType(type: string): Find {
  return (asked) => {
    const asksFor = parseReference(unescape(asked.value))?.type ?? type
    if (asksFor === type) return pointingAt(asked, [type])
    throw new GatewayError('GW_BAD_REQUEST', `"${asked.parameter.code}:${type}" has a value of type ${asksFor}.`)
  }
}

/** Of a parameter for canonicals and URIs, which has no targets, a bare value is no id. */
function pointingAt(asked: Asked, targets: readonly string[]): Lookup {
  return referenceTexts(asked, targets).map((text) => uriKey(asked.parameter.code, text))
}

/** What the reference may be written as, without a version. */
export function referenceTexts(
  { parameter: { code }, value, target: { base } }: Asked,
  targets: readonly string[],
): string[] {
  const text = unescape(value)
  const local = withoutBase(base, text)
  const literal = parseReference(local)
  if (literal?.base === '') {
    const { type, id } = literal
    if (targets.length > 0 && !targets.includes(type)) {
      throw new GatewayError('GW_BAD_REQUEST', `"${code}" never points at ${type}; it takes ${targets.join(', ')}.`)
    }
    return spellingsOf(base, `${type}/${id}`)
  }
  if (literal) return [`${literal.base}${literal.type}/${literal.id}`]
  if (targets.length === 0 || local.includes('/') || local.includes(':')) return [local]
  return targets.flatMap((type) => spellingsOf(base, `${type}/${local}`))
}
