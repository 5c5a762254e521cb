/** `:missing`: whether a parameter has any value, findable or not (R4 search.html#modifiers). */
import { GatewayError } from '../../kernel/errors.ts'
import { keyLimits } from '../../r4/keys/text.ts'
import type { SearchParameter } from '../../r4/search-parameters.ts'
import { keyRange } from './lookup.ts'
import type { Filter } from './lookup.ts'

export function missingFilter({ code, type }: SearchParameter, values: readonly string[]): Filter {
  const [value] = values
  if (values.length !== 1 || (value !== 'true' && value !== 'false')) {
    throw new GatewayError('GW_BAD_REQUEST', `"${code}:missing" is true or false.`)
  }
  const present = presentFilter(code, type)
  return value === 'true' ? { $nor: [present] } : present
}

function presentFilter(code: string, type: SearchParameter['type']): Filter {
  if (code === '_id' || code === '_lastUpdated') return {}
  const [from, to] = keyLimits(code)
  const inKeys = keyRange(from, to)
  if (type === 'date') return { $or: [{ 'd.p': code }, inKeys] }
  return type === 'number' || type === 'quantity' ? { $or: [{ 'n.p': code }, inKeys] } : inKeys
}
