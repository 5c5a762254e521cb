/**
 * A conditional delete that may take several (R4 http.html#3.1.0.7.1; how many, the limits say): one delete for each
 * that fits now, each only if it still does when it is done, all of them or none.
 */
import { GatewayError } from '../../kernel/errors.ts'
import type { Remove } from '../../projection/operation.ts'
import type { FhirContext } from '../context.ts'

export async function deletesOf({ permit, reader, limits }: FhirContext, remove: Remove): Promise<Remove[]> {
  const most = limits.conditionalDeletes
  if ('id' in remove || most === 1) return [remove]
  const { key, filter } = remove.where
  const found = await reader.identify(permit, filter, most + 1)
  if (found.length > most) {
    const expression = remove.at === undefined ? {} : { expression: `${remove.at}.request` }
    throw new GatewayError('GW_PRECONDITION', `The condition fits more than ${most} resources; narrow it.`, expression)
  }
  if (found.length < 2) return [remove]
  return found.map((_id) => ({ ...remove, where: { key: `${key}&${_id}`, filter: { $and: [filter, { _id }] } } }))
}
