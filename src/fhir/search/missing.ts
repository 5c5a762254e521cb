/** `:missing`: whether a parameter has any value, findable or not (R4 search.html#modifiers). */
import { GatewayError } from '../../kernel/errors.ts'
import { foldedKey, keyLimits } from '../../r4/keys/text.ts'
import type { SearchParameter } from '../../r4/search-parameters.ts'
import { SOME_NUMBERS, beginningWith, element, keyRange } from './lookup.ts'
import type { Filter } from './lookup.ts'

export function missingFilter(
  { code }: SearchParameter,
  members: readonly SearchParameter[],
  values: readonly string[],
): Filter {
  const [value] = values
  if (values.length !== 1 || (value !== 'true' && value !== 'false')) {
    throw new GatewayError('GW_BAD_REQUEST', `"${code}:missing" is true or false.`)
  }
  const present = members.flatMap((member) => presentFilters(member))
  return value === 'true' ? { $nor: present } : { $or: present }
}

function presentFilters({ code, type }: SearchParameter): Filter[] {
  if (code === '_id' || code === '_lastUpdated') return [{}]
  if (code === '_text') return [words('_text')]
  if (code === '_content') return [words('_text'), words('_content')]
  if (code === 'near') return [{ ...SOME_NUMBERS, 'n.p': code }]
  const inKeys = keyRange(...keyLimits(code))
  if (type === 'date') return [{ 'd.p': code }, inKeys]
  if (type === 'number' || type === 'quantity') return [{ ...SOME_NUMBERS, 'n.p': code }, inKeys]
  if (type !== 'composite') return [inKeys]
  // `>` comes after `=`: the names of all that is there together
  const p = { $gte: `${code}=`, $lt: `${code}>` }
  return [inKeys, element('n', { p }), element('d', { p })]
}

function words(code: string): Filter {
  return beginningWith(foldedKey(code, ''))
}
