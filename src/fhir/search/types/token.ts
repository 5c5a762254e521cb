/** token: `system|code`, `|code` (no system), `system|`, `code` (any system) (R4 search.html#token). */
import { GatewayError } from '../../../kernel/errors.ts'
import { fold } from '../../../r4/keys/fold.ts'
import { foldedKey, ofTypeKey, systemKey, textParameter, tokenKey } from '../../../r4/keys/text.ts'
import { isImpliedSystem } from '../../../r4/parameter-values.ts'
import { beginningWith, keyRange } from '../lookup.ts'
import type { Lookup, SearchType } from '../lookup.ts'
import { splitBars, unescape } from '../query-text.ts'

export const token: SearchType = {
  find: ({ parameter, value, target: { type } }) =>
    tokenLookup(parameter.code, value, (system) => isImpliedSystem(system, parameter, type)),
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
  sets: ['in', 'not-in', 'above', 'below'],
}

/** `isImplied`: whether codes without a system are of this one. */
export function tokenLookup(code: string, value: string, isImplied: (system: string) => boolean = () => false): Lookup {
  const token = tokenParts(code, value)
  if (token.system === undefined) return tokenKey(code, undefined, token.code)
  const { system } = token
  if (token.code !== undefined) {
    const key = tokenKey(code, system, token.code)
    return isImplied(system) ? [key, tokenKey(code, '', token.code)] : key
  }
  const any = systemKey(code, system)
  // `}` comes after `|`: all codes without a system
  return isImplied(system) ? { $or: [{ k: any }, keyRange(`${code}=|`, `${code}=}`)] } : any
}

export type TokenParts =
  | { readonly system?: undefined; readonly code: string }
  | { readonly system: string; readonly code: string | undefined }

/** An empty system is none; no code is any code of the system. */
export function tokenParts(code: string, value: string): TokenParts {
  const parts = splitBars(value)
  const [first = '', second] = parts
  const isEmpty = parts.length === 2 && first === '' && second === ''
  // `*` stands for "any" in the keys, and for nothing in FHIR
  if (parts.length > 2 || isEmpty || first === '*' || second === '*') {
    throw new GatewayError('GW_BAD_REQUEST', `"${code}" takes code, system|code, |code or system|.`)
  }
  if (second === undefined) return { code: first }
  return { system: first, code: second === '' ? undefined : second }
}
