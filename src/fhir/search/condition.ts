/** A search as the condition of a write: If-None-Exist and conditional addresses (R4 http.html#ccreate). */
import type { FhirRequest } from '../../http/answer.ts'
import { GatewayError } from '../../kernel/errors.ts'
import type { Condition } from '../../projection/operation.ts'
import type { FhirContext } from '../context.ts'
import { assertBuilt } from './building.ts'
import { criterionFilter } from './predicate.ts'
import { parseQuery } from './query.ts'
import { typeScope } from './scope.ts'

type Context = Pick<FhirContext, 'request' | 'building' | 'limits'>

export function conditionFilter({ request, building, limits }: Context, type: string, query: string): Condition {
  const parameters = [...new URLSearchParams(parametersOf(request, type, query))]
  // What is not understood must not be left out: the condition would fit more
  const asked = parseQuery({ ...request, query: parameters, header: () => undefined }, typeScope(type), limits)
  const { wanted, includes } = asked
  const { criteria = [], links = [] } = wanted[0] ?? {}
  if (links.length + includes.length > 0) {
    throw new GatewayError(
      'GW_BAD_REQUEST',
      'A condition takes parameters of its own type only: no chain, no _has and no include.',
    )
  }
  if (criteria.length === 0) throw new GatewayError('GW_BAD_REQUEST', 'The condition names no search parameter.')
  assertBuilt(building, asked)
  const tt = `${request.tenant}/${type}`
  const target = { tenant: request.tenant, type, base: request.base }
  const filters = criteria.map((criterion) => criterionFilter(criterion, target))
  return {
    key: criteria
      .map(({ text }) => text)
      .sort()
      .join('&'),
    filter: { $and: [{ tt, deleted: false }, ...filters] },
  }
}

/** The parameters alone, or as clients send them too: behind the type, or behind the whole address of the type. */
function parametersOf(request: FhirRequest, type: string, query: string): string {
  const [, place = '', parameters = ''] = /^(?:([^?=]*)\?)?(.*)$/s.exec(query) ?? []
  if (['', type, `${request.base}/${type}`].includes(place)) return parameters
  throw new GatewayError('GW_BAD_REQUEST', `The condition of a ${type} is a search of ${type}, not of "${place}".`)
}
