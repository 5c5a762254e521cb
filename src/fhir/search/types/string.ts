/** string: what begins with the value, case, accents and Arabic vowel signs aside (R4 search.html#string). */
import { GatewayError } from '../../../kernel/errors.ts'
import { fold } from '../../../r4/keys/fold.ts'
import { exactKey, foldedKey } from '../../../r4/keys/text.ts'
import { beginningWith } from '../lookup.ts'
import type { Asked, Filter, SearchType } from '../lookup.ts'
import { unescape } from '../query-text.ts'

export const string: SearchType = {
  find: (asked) => beginningWith(foldedKey(asked.parameter.code, folded(asked))),
  modifiers: {
    exact: ({ parameter, value }) => exactKey(parameter.code, unescape(value)),
    contains: (asked) => within(asked, ''),
  },
  operators: {
    eq: (asked) => foldedKey(asked.parameter.code, folded(asked)),
    ew: (asked) => within(asked, '$'),
  },
}

/** The anchor keeps it to the parameter's part of the index. */
function within(asked: Asked, end: string): Filter {
  return { k: { $regex: `^${asked.parameter.code}~.*${folded(asked).replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}${end}` } }
}

function folded({ parameter, value }: Asked): string {
  const text = fold(unescape(value))
  if (text !== '') return text
  throw new GatewayError('GW_BAD_REQUEST', `"${parameter.code}" has a value without letters or digits.`)
}
