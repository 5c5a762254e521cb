/**
 * What a search is over: one type, the types that `_type` names or all there are, or what of these is in a compartment
 * (R4 http.html#search, search.html#searchcontexts).
 */
import type { FhirRequest } from '../../http/answer.ts'
import { GatewayError } from '../../kernel/errors.ts'
import { compartmentParameters, compartmentTypes } from '../../r4/compartments.ts'
import type { Compartment } from '../../r4/compartments.ts'
import { isResourceType, resourceTypes } from '../../r4/elements.ts'
import { singleParameter } from '../context.ts'

export interface Scope {
  /** under the base: `Patient`, `Patient/1/Observation`, `Patient/1/*`; empty for the base itself */
  readonly path: string
  readonly types: readonly string[]
  /** does `_type` choose them? */
  readonly choosing: boolean
  /** what `_type` chose, as it was sent */
  readonly chosen?: string
  readonly compartment?: { readonly type: Compartment; readonly id: string }
}

export function typeScope(type: string): Scope {
  return { path: type, types: [type], choosing: false }
}

export function systemScope(request: FhirRequest): Scope {
  return { path: '', ...chosen(request, resourceTypes, () => true) }
}

/** `type`: `*` for all that may be in it. */
export function compartmentScope(request: FhirRequest, owner: Compartment, id: string, type: string): Scope {
  const compartment = { type: owner, id }
  const path = `${owner}/${id}/${type}`
  const isIn = (each: string): boolean => each === owner || compartmentParameters(owner, each).length > 0
  if (type === '*') return { path, compartment, ...chosen(request, compartmentTypes(owner), isIn) }
  if (!isIn(type)) throw new GatewayError('GW_BAD_REQUEST', `${type} is never in the compartment of a ${owner}.`)
  return { path, compartment, types: [type], choosing: false }
}

type Chosen = Pick<Scope, 'types' | 'choosing' | 'chosen'>

function chosen(request: FhirRequest, all: readonly string[], isServed: (type: string) => boolean): Chosen {
  const text = singleParameter(request, '_type')
  if (text === undefined) return { types: all, choosing: true }
  const types = [...new Set(text.split(','))]
  const wrong = types.find((type) => !isResourceType(type) || !isServed(type))
  if (wrong === undefined) return { types, choosing: true, chosen: types.join(',') }
  throw new GatewayError('GW_BAD_REQUEST', `"_type" names "${wrong}", which is no resource type to be found here.`)
}
