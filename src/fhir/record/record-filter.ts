/** The resources that are in a compartment, or in the compartment of any patient, as one filter. */
import { compartmentParameters, compartmentTypes } from '../../r4/compartments.ts'
import type { Compartment } from '../../r4/compartments.ts'
import { uriKey } from '../../r4/keys/text.ts'
import type { LinkContext } from '../search/linked.ts'
import type { Filter } from '../search/lookup.ts'
import { scopeFilter } from '../search/scope-filter.ts'

/** Without the one whose compartment it is. */
export async function compartmentFilter(
  context: LinkContext,
  owner: Compartment,
  id: string,
  types: readonly string[],
): Promise<Filter> {
  const inIt = types.filter((type) => compartmentParameters(owner, type).length > 0)
  if (inIt.length === 0) return NOTHING
  const scope = { path: '', types: inIt, choosing: false, compartment: { type: owner, id } }
  const wanted = inIt.map((type) => ({ type, criteria: [], links: [] }))
  const filter = await scopeFilter(context, { scope, wanted })
  return { $and: [filter, { _id: { $ne: `${context.permit.tenant}/${owner}/${id}` } }] }
}

const NOTHING: Filter = { _id: { $in: [] } }

/** In the order of ids; patients are in their own. */
export function allRecordsFilter(tenant: string, types: readonly string[]): Filter {
  const inAny = compartmentTypes('Patient').filter((type) => types.includes(type))
  if (inAny.length === 0) return NOTHING
  const groups = Map.groupBy(inAny, (type) => (type === 'Patient' ? '' : codesOf(type).join(' ')))
  const members = [...groups.values()].map((group) => memberOf(tenant, group))
  // Denied twice, no index is chosen for it: ids are walked in their order
  return { deleted: false, _id: { $gt: `${tenant}/`, $lt: `${tenant}0` }, $nor: [{ $nor: members }] }
}

function memberOf(tenant: string, types: readonly string[]): Filter {
  const tt = { $in: types.map((type) => `${tenant}/${type}`) }
  const [type = ''] = types
  if (type === 'Patient') return { tt }
  // `0` comes after `/`
  const within = (code: string): Filter => ({
    k: { $elemMatch: { $gte: uriKey(code, 'Patient/'), $lt: uriKey(code, 'Patient0') } },
  })
  return { tt, $or: codesOf(type).map(within) }
}

function codesOf(type: string): readonly string[] {
  return compartmentParameters('Patient', type)
}
