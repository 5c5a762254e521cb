/** The parameters by which resources point at each other: what chains, `_has` and includes follow. */
import { GatewayError } from '../../kernel/errors.ts'
import { resourceTypes } from '../../r4/elements.ts'
import { parametersInUse, searchParametersOf } from '../../r4/search-parameters.ts'
import type { ParameterSet, SearchParameter } from '../../r4/search-parameters.ts'
import { isSearchable } from './searchable.ts'

export interface Referrer {
  readonly type: string
  readonly code: string
}

const byTarget = new WeakMap<ParameterSet, ReadonlyMap<string, readonly Referrer[]>>()

export function referencesOf(type: string): SearchParameter[] {
  return [...searchParametersOf(type).values()].filter(
    (each) => each.type === 'reference' && each.target !== undefined && isSearchable(each),
  )
}

export function referenceOf(type: string, code: string): SearchParameter {
  const known = referencesOf(type)
  const parameter = known.find((each) => each.code === code)
  if (parameter) return parameter
  const codes = known.map((each) => each.code).sort()
  throw new GatewayError(
    'GW_UNKNOWN_PARAMETER',
    `${type} has no reference parameter "${code}"; known are ${codes.join(', ')}.`,
  )
}

/** What may point at resources of the type. */
export function referrersOf(type: string): readonly Referrer[] {
  const inUse = parametersInUse()
  const known = byTarget.get(inUse) ?? referrersByTarget()
  byTarget.set(inUse, known)
  return known.get(type) ?? []
}

function referrersByTarget(): Map<string, Referrer[]> {
  const result = new Map<string, Referrer[]>()
  for (const type of resourceTypes) {
    for (const { code, target = [] } of referencesOf(type)) {
      for (const each of target) result.set(each, [...(result.get(each) ?? []), { type, code }])
    }
  }
  return result
}
