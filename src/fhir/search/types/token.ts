/** token: `system|code`, `|code` (no system), `system|`, `code` (any system) (R4 search.html#token). */
import { GatewayError } from '../../../kernel/errors.ts'
import { fold, foldedKey, ofTypeKey, systemKey, textParameter, tokenKey } from '../../../r4/keys/text.ts'
import { beginningWith } from '../lookup.ts'
import type { SearchType } from '../lookup.ts'
import { splitBars, unescape } from '../query-text.ts'

export const token: SearchType = {
  find: ({ parameter, value }) => tokenLookup(parameter.code, value),
  modifiers: {
    text: ({ parameter: { code }, value }) => {
      const folded = fold(unescape(value))
      if (folded === '')
        throw new GatewayError('GW_BAD_REQUEST', `"${code}:text" has a value without letters or digits.`)
      return beginningWith(foldedKey(textParameter(code), folded))
    },
    'of-type': ({ parameter: { code }, value }) => {
      const [system, type, id, ...more] = splitBars(value)
      if (!system || !type || !id || more.length > 0) {
        throw new GatewayError(
          'GW_BAD_REQUEST',
          `"${code}:of-type" takes system|code|value, the first two of the type.`,
        )
      }
      return ofTypeKey(code, system, type, id)
    },
  },
  negatable: true,
}

export function tokenLookup(code: string, value: string): string {
  const parts = splitBars(value)
  const [first = '', second] = parts
  const isEmpty = parts.length === 2 && first === '' && second === ''
  // `*` stands for "any" in the keys, and for nothing in FHIR
  if (parts.length > 2 || isEmpty || first === '*' || second === '*') {
    throw new GatewayError('GW_BAD_REQUEST', `"${code}" takes code, system|code, |code or system|.`)
  }
  if (second === undefined) return tokenKey(code, undefined, first)
  return second === '' ? systemKey(code, first) : tokenKey(code, first, second)
}
