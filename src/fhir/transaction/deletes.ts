/**
 * A conditional delete that may take several (R4 http.html#3.1.0.7.1; how many, the limits say): one delete for each
 * that fits now, each only if it still does when it is done, all of them or none.
 */
import { only } from '../../access/allowed.ts'
import { GatewayError } from '../../kernel/errors.ts'
import type { Condition, Remove } from '../../projection/operation.ts'
import type { FhirContext } from '../context.ts'

export async function deletesOf({ permit, reader, limits }: FhirContext, remove: Remove): Promise<Remove[]> {
  const most = limits.conditionalDeletes
  if ('id' in remove || most === 1) return [remove]
  const { where } = remove
  const found = await reader.identify(only(permit, 's'), await where.filter(reader), most + 1)
  if (found.length > most) {
    const expression = remove.at === undefined ? {} : { expression: `${remove.at}.request` }
    throw new GatewayError('GW_PRECONDITION', `The condition fits more than ${most} resources; narrow it.`, expression)
  }
  if (found.length < 2) return [remove]
  return found.map((_id) => ({ ...remove, where: alone(where, _id) }))
}

function alone({ key, filter }: Condition, _id: string): Condition {
  return { key: `${key}&${_id}`, filter: async (then) => ({ $and: [await filter(then), { _id }] }) }
}
