/**
 * How much of a type a criterion is expected to fit: what fits least leads the search (lead.ts), whatever the order asked.
 */
import { valueTypesOf } from '../../r4/parameter-values.ts'
import type { SearchParameter } from '../../r4/search-parameters.ts'
import type { Criterion } from './criterion.ts'

/** How much of a type a value fits, by the kind of parameter: smaller is less. */
const kinds: Readonly<Record<string, number>> = {
  reference: 1,
  uri: 1,
  composite: 1,
  special: 1,
  string: 2,
  quantity: 2,
  number: 2,
  date: 2,
  token: 3,
}
/** Chains and `_has` come to lists of what they found. */
export const OF_LINK = 2

const FEW_CODES = 4
/** No key that is there is asked for. */
export const WIDE = 5

/** An id, words, labels that many have. */
const ownKinds: Readonly<Record<string, number>> = {
  _id: 0,
  _text: 3,
  _content: 3,
  _tag: 4,
  _security: 4,
  _profile: 4,
  _lastUpdated: 4,
}

export function narrownessOf({ parameter, modifier }: Criterion, type: string): number {
  if (modifier === 'missing' || modifier === 'not' || modifier === 'not-in') return WIDE
  if (modifier === 'text') return kinds['string'] as number
  const { code, type: kind } = parameter
  const own = ownKinds[code]
  if (own !== undefined) return own
  return kind === 'token' ? tokenNarrowness(parameter, type) : (kinds[kind] ?? WIDE)
}

function tokenNarrowness(parameter: SearchParameter, type: string): number {
  const values = valueTypesOf(parameter, type)
  if (values.has('Identifier') || values.has('ContactPoint')) return 1
  // One code of a few: a status, a gender
  return values.has('CodeableConcept') || values.has('Coding') ? 3 : FEW_CODES
}
