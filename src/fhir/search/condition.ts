/** A search as the condition of a write: If-None-Exist and conditional addresses (R4 http.html#ccreate). */
import type { FhirRequest } from '../../http/answer.ts'
import { GatewayError } from '../../kernel/errors.ts'
import type { Condition } from '../../projection/operation.ts'
import { allowed } from '../access.ts'
import type { FhirContext } from '../context.ts'
import { assertBuilt } from './building.ts'
import { parseQuery } from './query.ts'
import { typeScope } from './scope.ts'
import { scopeFilter } from './scope-filter.ts'

export function conditionFilter(
  caller: Pick<FhirContext, 'permit' | 'request' | 'building' | 'limits' | 'writeBack'>,
  type: string,
  query: string,
): Condition {
  const context = allowed(caller, { letter: 's', types: [type] })
  const { request, building, limits } = context
  const parameters = [...new URLSearchParams(parametersOf(request, type, query))]
  // What is not understood must not be left out: the condition would fit more
  const asked = parseQuery({ ...request, query: parameters, header: () => undefined }, typeScope(type), limits)
  const { criteria = [], links = [] } = asked.wanted[0] ?? {}
  if (asked.includes.length > 0) throw new GatewayError('GW_BAD_REQUEST', 'A condition takes no include.')
  if (criteria.length + links.length === 0) {
    throw new GatewayError('GW_BAD_REQUEST', 'The condition names no search parameter.')
  }
  assertBuilt(building, asked)
  return {
    key: [...criteria, ...links]
      .map(({ text }) => text)
      .sort()
      .join('&'),
    filter: (reader) => scopeFilter({ ...context, reader, now: Date.now() }, asked),
  }
}

/** The parameters alone, or as clients send them too: behind the type, or behind the whole address of the type. */
function parametersOf(request: FhirRequest, type: string, query: string): string {
  const [, place = '', parameters = ''] = /^(?:([^?=]*)\?)?(.*)$/s.exec(query) ?? []
  if (['', type, `${request.base}/${type}`].includes(place)) return parameters
  throw new GatewayError('GW_BAD_REQUEST', `The condition of a ${type} is a search of ${type}, not of "${place}".`)
}
