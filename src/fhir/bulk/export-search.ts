/** A search of `_typeFilter`: the same as one of the type by itself, without anything that says how an answer looks. */
import type { Caller } from '../../access/caller.ts'
import type { FhirRequest } from '../../http/answer.ts'
import { Deadline } from '../../kernel/deadline.ts'
import { GatewayError } from '../../kernel/errors.ts'
import type { Limits } from '../../kernel/limits.ts'
import type { FhirContext } from '../context.ts'
import { CONTROLS } from '../search/criterion.ts'
import { parseQuery } from '../search/query.ts'
import type { SearchQuery } from '../search/query.ts'
import { typeScope } from '../search/scope.ts'

export function searchOf(
  { limits, permit, by }: Pick<FhirContext, 'limits' | 'permit' | 'by'>,
  base: string,
  type: string,
  query: string,
): SearchQuery {
  const parameters = [...new URLSearchParams(query)]
  const control = parameters.find(([name]) => CONTROLS.has(name) || /^_(include|revinclude)\b/.test(name))
  if (control) {
    throw new GatewayError('GW_BAD_REQUEST', `"_typeFilter" says which resources, not how: leave out "${control[0]}".`)
  }
  return parseQuery({ ...exportRequest(base, { permit, by }, limits), query: parameters }, typeScope(type), limits)
}

/** What searches are compiled with when no request is there any more. */
export function exportRequest(base: string, caller: Caller, { bundleMilliseconds }: Limits): FhirRequest {
  const deadline = new Deadline(bundleMilliseconds)
  const { tenant } = caller.permit
  return { method: 'GET', path: [], query: [], base, tenant, caller, deadline, header: () => undefined }
}
